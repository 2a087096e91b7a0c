use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::connector::{Connector, Pool};
use super::sql::{Value, key};
use super::tx::Tx;
use super::view::Views;
use super::writing::Writing;
use super::{
    MysqlOptions, NAME, Result as Inner, directory, keys, long_list, marking, reading, sending,
};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::group::{Audience, Kept, Subject, Wanted, Writer};
use crate::store::{NewMessage, Sent};
use crate::{Error, Item, ItemId, UserId};

/// Long reads at once; further callers wait.
const LONG_READS: usize = 4;

/// MySQL 8 or MariaDB 10.6 and newer: any number of servers on one database.
///
/// Concurrent writes share one transaction and one commit; a page is one round trip. Connections come
/// back by themselves: while the server is away, calls fail with `Transient` errors at once, and a
/// second after its return at the latest they succeed again. The tables live in the URL's database,
/// beside the app's own. The server's `binlog_format` has to be ROW (the default of MySQL) or MIXED
/// (of MariaDB). User ids are compared by their bytes, whatever the server's collation.
///
/// It belongs in a tokio runtime with time and I/O enabled. Cloning is cheap; clones share
/// everything.
///
/// ```no_run
/// use restante::{Message, MysqlStore, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let store = MysqlStore::connect("mysql://app:secret@localhost/app").await?;
/// let restante = Restante::new(store);
/// restante.send(Message::info("Ahoy there"), "alice").await?;
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MysqlStore {
    pub(super) inner: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) connector: Arc<Connector>,
    readers: Pool,
    /// For what may take long, so that nobody's page waits behind it.
    pub(super) long_readers: Arc<Pool>,
    pub(super) views: Views,
    pub(super) writer: Writer<Writing>,
    pub(super) part_size: usize,
    patience: Duration,
}

/// Reads something quick, again if the connection broke off. The expression is a future of the
/// session.
macro_rules! read {
    ($store:expr, $session:ident => $work:expr) => {{
        let (readers, patience, mut tries) = ($store.readers(), $store.patience(), 0);
        loop {
            let lent = match readers.lend().await {
                Ok(lent) => lent,
                Err(error) => break Err(error),
            };
            let $session = &*lent.session;
            // When it takes too long it is broken off, and the connection given up with it.
            match tokio::time::timeout(patience, $work).await {
                Ok(Ok(value)) => break Ok(value),
                Ok(Err(error)) => {
                    if let Err(error) = readers.again(error, &mut tries) {
                        break Err(error);
                    }
                }
                Err(_) => break Err($crate::store::mysql::store::no_answer()),
            }
        }
    }};
}
pub(super) use read;

/// Reads what may take long, in a snapshot. The expression is a future of the session.
macro_rules! aside {
    ($store:expr, $session:ident => $work:expr) => {{
        let snapshot = $store.inner.long_readers.snapshot().await?;
        let $session = &*snapshot.lent.session;
        let read = $work.await;
        snapshot.end(read).await
    }};
}
pub(super) use aside;

pub(super) fn no_answer() -> Error {
    Error::transient(NAME, "the server did not answer in time; try again")
}

impl MysqlStore {
    /// Connects with the default options; see [`MysqlOptions::connect`].
    pub async fn connect(url: &str) -> Result<Self, Error> {
        MysqlOptions::new().connect(url).await
    }

    pub(super) fn new(url: &str, options: &MysqlOptions) -> Result<Self, Error> {
        let connector = Arc::new(Connector::new(url, options.patience)?);
        let inner = Shared {
            readers: Pool::new(Arc::clone(&connector), options.connections),
            long_readers: Arc::new(Pool::new(Arc::clone(&connector), LONG_READS)),
            views: Views::default(),
            writer: Writer::new(Writing::new(Arc::clone(&connector))),
            part_size: options.part_size,
            patience: options.patience,
            connector,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(super) async fn connect_with(url: &str, options: &MysqlOptions) -> Result<Self, Error> {
        let store = Self::new(url, options)?;
        drop(store.inner.readers.lend().await?);
        Ok(store)
    }

    /// How many groups this process has written, and how many writes were in them.
    pub(super) fn groups(&self) -> (u64, u64) {
        self.inner.writer.groups()
    }

    pub(super) async fn write<T, F, W>(&self, subject: Subject, work: F) -> Result<T, Error>
    where
        F: FnMut(Arc<Tx>) -> W + Send + 'static,
        W: Future<Output = Inner<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.inner.writer.write(subject, work).await
    }

    pub(super) fn readers(&self) -> &Pool {
        &self.inner.readers
    }

    pub(super) fn patience(&self) -> Duration {
        self.inner.patience
    }

    /// A user who marks a broadcast gets a row, before the clock is taken; one who marks what is not
    /// there does not.
    pub(super) async fn make_reader(
        &self,
        now: i64,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<(), Error> {
        let everyone: Vec<ItemId> = ids.iter().copied().filter(|id| id.is_broadcast()).collect();
        if everyone.is_empty() || self.has(marking::IS_KNOWN, &[key(user)]).await? {
            return Ok(());
        }
        for id in everyone {
            if self.get_at(now, user, id).await?.is_some() {
                return self.make_user(user).await;
            }
        }
        Ok(())
    }

    pub(super) async fn make_user(&self, user: &UserId) -> Result<(), Error> {
        let key = [user.as_str()];
        read!(self, session => directory::make(session, &key, Kept::Perhaps))
    }

    pub(super) async fn has(
        &self,
        template: &'static str,
        values: &[Value<'_>],
    ) -> Result<bool, Error> {
        read!(self, session => session.has(template, values))
    }

    pub(super) async fn get_at(
        &self,
        now: i64,
        user: &UserId,
        id: ItemId,
    ) -> Result<Option<Item>, Error> {
        read!(self, session => reading::get_one(session, now, user, id))
    }

    /// A repeated long list need not be looked up; the transaction looks again.
    async fn sent_before(
        &self,
        now: i64,
        message: &NewMessage,
    ) -> Result<Option<Result<Sent, Error>>, Error> {
        let Some(asked) = message.idempotency() else {
            return Ok(None);
        };
        let sender = message.sender();
        read!(self, session => async {
            let keys = keys::load(session, &[(sender, &asked.key)]).await?;
            let mut earlier = keys.earlier(now, sender, asked);
            if let Some(Ok(sent)) = &mut earlier {
                sent.waiting = keys::waiting(session, sent.id.value()).await?;
            }
            Ok(earlier)
        })
    }

    pub(super) async fn send_long(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        let (now, part_size) = (to_millis(now), self.inner.part_size);
        if let Some(earlier) = self.sent_before(now, message).await? {
            return earlier;
        }
        let list = long_list::resolve(&self.inner.readers, to.as_slice(), part_size).await?;
        let (list, message) = (Arc::new(list), message.clone());
        let record = move |tx: Arc<Tx>| {
            let (list, message) = (Arc::clone(&list), message.clone());
            async move {
                let ids = long_list::still_known(&list, &tx).await?;
                let audience = Audience::Many { ids: &ids, part_size };
                let wanted = [Wanted { now, message: &message, audience }];
                Ok(sending::send_all(&tx, &wanted).await?.pop())
            }
        };
        let sent = self.write(Subject::Store, record).await?;
        sent.unwrap_or_else(|| Err(Error::internal(NAME, "the write was not done")))
    }
}

impl fmt::Debug for MysqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.inner.connector.address();
        f.debug_struct("MysqlStore").field("database", address).finish_non_exhaustive()
    }
}

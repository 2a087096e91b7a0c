use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::connector::Connector;
use super::inboxes::Inboxes;
use super::readers::Readers;
use super::session::Session;
use super::snapshots::Snapshots;
use super::tx::Tx;
use super::writing::Writing;
use super::{
    NAME, PostgresOptions, Result as Inner, directory, failure, keys, long_list, marking, reading,
    sending,
};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::gathering::Gathering;
use crate::store::group::{Audience, Kept, Subject, Wanted, Writer};
use crate::store::{NewMessage, Sent};
use crate::{Error, ItemId, UserId};

/// PostgreSQL 13 or newer: any number of servers on one database.
///
/// Concurrent writes share one transaction and one commit; pages and counts share two connections.
/// Connections come back by themselves: while the server is away, calls fail with `Transient`
/// errors at once, and a second after its return at the latest they succeed again. The tables live
/// in the first schema of the `search_path`, beside the app's own.
///
/// **Poolers.** In transaction mode the pooler has to support prepared statements: PgBouncer from
/// 1.21 on with `max_prepared_statements` above 0, which is the default from 1.24 on; an older one
/// works in session mode. `LISTEN` needs a way around it: [`PostgresOptions::listen_at`].
///
/// It belongs in a tokio runtime with time and I/O enabled. Cloning is cheap; clones share
/// everything.
///
/// ```no_run
/// use restante::{Message, PostgresStore, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let store = PostgresStore::connect("postgres://app:secret@localhost/app").await?;
/// let restante = Restante::new(store);
/// restante.send(Message::info("Ahoy there"), "alice").await?;
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pub(super) inner: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) connector: Arc<Connector>,
    pub(super) readers: Arc<Readers>,
    pub(super) inboxes: Gathering<Inboxes>,
    pub(super) snapshots: Snapshots,
    pub(super) writer: Writer<Writing>,
    pub(super) part_size: usize,
    pub(super) patience: Duration,
}

/// Reads on a connection that others share, again if it broke off. The expression is a future of the
/// session.
macro_rules! read {
    ($store:expr, $session:ident => $work:expr) => {{
        let (readers, patience, mut tries) = ($store.readers(), $store.patience(), 0);
        loop {
            let $session = match readers.session().await {
                Ok(session) => session,
                Err(error) => break Err(error),
            };
            match tokio::time::timeout(patience, $work).await {
                Ok(Ok(value)) => break Ok(value),
                Ok(Err(error)) => {
                    if let Err(error) = readers.again(error, &mut tries) {
                        break Err(error);
                    }
                }
                Err(_) => {
                    // Whatever comes after it on this connection would wait as well.
                    $session.give_up();
                    break Err($crate::store::postgres::store::no_answer());
                }
            }
        }
    }};
}

/// Reads in a snapshot on a connection of its own. The expression is a future of the session.
macro_rules! aside {
    ($store:expr, $session:ident => $work:expr) => {{
        let snapshot = $store.inner.snapshots.begin().await?;
        let $session = Arc::clone(&snapshot.session);
        let read = $work.await;
        snapshot.end(read).await
    }};
}

pub(super) use {aside, read};

pub(super) fn no_answer() -> Error {
    Error::transient(NAME, "the server did not answer in time; try again")
}

impl PostgresStore {
    /// Connects with the default options; see [`PostgresOptions::connect`].
    pub async fn connect(url: &str) -> Result<Self, Error> {
        PostgresOptions::new().connect(url).await
    }

    pub(super) fn new(url: &str, options: &PostgresOptions) -> Result<Self, Error> {
        let connector = Arc::new(Connector::new(url, options.listens_at.as_deref())?);
        let readers = Arc::new(Readers::new(&connector, options.connections));
        let inner = Shared {
            inboxes: Gathering::new(
                Inboxes::new(Arc::clone(&readers), options.patience),
                options.patience,
            ),
            readers,
            snapshots: Snapshots::new(Arc::clone(&connector)),
            writer: Writer::new(Writing::new(Arc::clone(&connector), options.patience)),
            part_size: options.part_size,
            patience: options.patience,
            connector,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(super) async fn connect_with(url: &str, options: &PostgresOptions) -> Result<Self, Error> {
        let store = Self::new(url, options)?;
        store.inner.readers.session().await?;
        Ok(store)
    }

    pub(super) fn readers(&self) -> &Readers {
        &self.inner.readers
    }

    pub(super) fn patience(&self) -> Duration {
        self.inner.patience
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

    /// A user who marks a broadcast gets a row, before the clock is taken; one who marks what is not
    /// there does not.
    pub(super) async fn make_reader(
        &self,
        now: i64,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<(), Error> {
        let everyone: Vec<ItemId> = ids.iter().copied().filter(|id| id.is_broadcast()).collect();
        if everyone.is_empty() || self.is_known(user).await? {
            return Ok(());
        }
        for id in everyone {
            if read!(self, session => reading::get(&session, now, user, id))?.is_some() {
                return self.make_user(user).await;
            }
        }
        Ok(())
    }

    pub(super) async fn is_known(&self, user: &UserId) -> Result<bool, Error> {
        self.is_so(marking::IS_KNOWN, user).await
    }

    pub(super) async fn make_user(&self, user: &UserId) -> Result<(), Error> {
        let key = [user.as_str()];
        read!(self, session => directory::make(&session, &key, Kept::Perhaps))
    }

    pub(super) async fn is_so(&self, sql: &'static str, user: &UserId) -> Result<bool, Error> {
        let row = read!(self, session => session.query_one(sql, &[&user.as_str()]))?;
        row.try_get(0).map_err(failure::error)
    }

    pub(super) async fn has(&self, sql: &'static str) -> Result<bool, Error> {
        let row = read!(self, session => session.query_one(sql, &[]))?;
        row.try_get(0).map_err(failure::error)
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
        let look = async |session: &Session| {
            let keys = keys::load(session, &[(sender, &asked.key)]).await?;
            let mut earlier = keys.earlier(now, sender, asked);
            if let Some(Ok(sent)) = &mut earlier {
                sent.waiting = keys::waiting(session, sent.id.value()).await?;
            }
            Ok(earlier)
        };
        read!(self, session => look(&session))
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

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.inner.connector.address();
        f.debug_struct("PostgresStore").field("database", address).finish_non_exhaustive()
    }
}

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::connector::{Connector, Pool};
use super::session::{Session, get};
use super::sql::{Value, key};
use super::tx::Tx;
use super::view::Views;
use super::writing::Writing;
use super::{
    MysqlOptions, NAME, Result as Inner, directory, failure, following, forgetting, keys,
    long_list, marking, reading, relaying, retracting, senders, sending, sweeping, watching,
};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::group::{Audience, Kept, SendTo, Subject, Wanted, Writer};
use crate::store::{
    Changes, Delivered, Expiry, Export, Followed, NewMessage, Receipts, Relayed, Sent, SentFilter,
    SentPage, Store, Swept, paging,
};
use crate::{AsOf, Count, Error, Filter, Item, ItemId, MessageId, Page, UserId};

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
    inner: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    connector: Arc<Connector>,
    readers: Pool,
    /// For what may take long, so that nobody's page waits behind it.
    long_readers: Arc<Pool>,
    views: Views,
    writer: Writer<Writing>,
    part_size: usize,
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
    async fn make_reader(&self, now: i64, user: &UserId, ids: &[ItemId]) -> Result<(), Error> {
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

    async fn make_user(&self, user: &UserId) -> Result<(), Error> {
        let key = [user.as_str()];
        read!(self, session => directory::make(session, &key, Kept::Perhaps))
    }

    async fn has(&self, template: &'static str, values: &[Value<'_>]) -> Result<bool, Error> {
        read!(self, session => session.has(template, values))
    }

    async fn get_at(&self, now: i64, user: &UserId, id: ItemId) -> Result<Option<Item>, Error> {
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

    async fn send_long(
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

#[async_trait]
impl Store for MysqlStore {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        if to.as_slice().len() <= self.inner.part_size {
            return self.inner.writer.send(now, message, SendTo::Few(to.clone())).await;
        }
        self.send_long(now, message, to).await
    }

    async fn broadcast(
        &self,
        now: SystemTime,
        message: &NewMessage,
        newcomers: bool,
    ) -> Result<Sent, Error> {
        self.inner.writer.send(now, message, SendTo::Everyone { newcomers }).await
    }

    async fn deliver(&self, now: SystemTime, name_users: bool) -> Result<Option<Delivered>, Error> {
        if !self.has(sending::HAS_WAITING, &[]).await? {
            return Ok(None);
        }
        let now = to_millis(now);
        let deliver =
            move |tx: Arc<Tx>| async move { sending::deliver(&tx, now, name_users).await };
        self.write(Subject::Store, deliver).await
    }

    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error> {
        if !self.has(relaying::HAS_FRESH, &[]).await? {
            return Ok(Relayed::default());
        }
        read!(self, session => relaying::make_recipients(session, limit))?;
        let relay =
            move |tx: Arc<Tx>| async move { relaying::relay(&tx, now, expiry, limit).await };
        self.write(Subject::Store, relay).await
    }

    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error> {
        let (now, views) = (to_millis(now), &self.inner.views);
        if !filter.is_selective() {
            let look = async |session: &Session| {
                let asked = paging::asked(now, user, filter);
                match reading::ask(session, views, asked).await? {
                    Some((answer, view)) => {
                        reading::page(session, now, filter, answer, &view).await.map(Some)
                    }
                    None => Ok(None),
                }
            };
            if let Some(page) = read!(self, session => look(session))? {
                return Ok(page);
            }
        }
        aside!(self, session => reading::search(session, views, now, user, filter))
    }

    async fn count(&self, now: SystemTime, user: &UserId) -> Result<Count, Error> {
        let (now, views) = (to_millis(now), &self.inner.views);
        let filter = Filter { limit: 0, ..Filter::default() };
        let asked = paging::Ask { at_most: 0, ..paging::asked(now, user, &filter) };
        let answer = read!(self, session => reading::ask(session, views, asked))?;
        if let Some((answer, view)) = answer {
            return Ok(paging::count(now, &answer, &view));
        }
        let page = aside!(self, session => reading::search(session, views, now, user, &filter))?;
        Ok(Count { unread: page.unread, as_of: page.as_of })
    }

    async fn get(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<Option<Item>, Error> {
        self.get_at(to_millis(now), user, id).await
    }

    async fn mark_read(
        &self,
        now: SystemTime,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        let (now, user, ids) = (to_millis(now), user.clone(), ids.to_vec());
        self.make_reader(now, &user, &ids).await?;
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let (user, ids) = (user.clone(), ids.clone());
            async move { marking::mark_read(&tx, now, &user, &ids).await }
        })
        .await
    }

    async fn mark_unread(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.make_reader(now, &user, &[id]).await?;
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::mark_unread(&tx, now, &user, id).await }
        })
        .await
    }

    async fn mark_all_read(
        &self,
        now: SystemTime,
        user: &UserId,
        as_of: &AsOf,
    ) -> Result<bool, Error> {
        let (now, user, as_of) = (to_millis(now), user.clone(), *as_of);
        if !self.has(marking::IS_KNOWN, &[key(&user)]).await? {
            let newest = read!(self, session => session.row(marking::NEWEST_BROADCAST, &[]))?;
            let newest: i64 = newest.map_or(Ok(0), |row| get(&row, 0)).map_err(failure::error)?;
            if as_of.personal().max(as_of.broadcast()).min(newest) <= 0 {
                return Ok(false);
            }
            self.make_user(&user).await?;
        }
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::mark_all_read(&tx, now, &user, as_of).await }
        })
        .await
    }

    async fn dismiss(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.make_reader(now, &user, &[id]).await?;
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::dismiss(&tx, now, &user, id).await }
        })
        .await
    }

    async fn join(
        &self,
        _now: SystemTime,
        user: &UserId,
        joined: SystemTime,
    ) -> Result<bool, Error> {
        if self.has(marking::HAS_JOINED, &[key(user)]).await? {
            return Ok(false);
        }
        self.make_user(user).await?;
        let (joined, user) = (to_millis(joined), user.clone());
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::join(&tx, &user, joined).await }
        })
        .await
    }

    async fn sent(&self, now: SystemTime, filter: &SentFilter) -> Result<SentPage, Error> {
        let now = to_millis(now);
        read!(self, session => senders::sent(session, now, filter))
    }

    async fn receipts(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error> {
        let now = to_millis(now);
        aside!(self, session => senders::receipts(session, now, id, sender))
    }

    async fn retract(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error> {
        let (now, sender) = (to_millis(now), sender.map(str::to_owned));
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let sender = sender.clone();
            async move { retracting::retract(&tx, now, id, sender.as_deref()).await }
        })
        .await
    }

    async fn sweep(&self, now: SystemTime) -> Result<Swept, Error> {
        let now = to_millis(now);
        let step = move |tx: Arc<Tx>| async move { sweeping::step(&tx, now).await };
        let swept = self.write(Subject::Store, step).await?;
        if swept.more {
            return Ok(swept);
        }
        let marks = Arc::new(aside!(self, session => sweeping::old_marks(session))?);
        if marks.is_empty() {
            return Ok(swept);
        }
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let marks = Arc::clone(&marks);
            async move { sweeping::remove_marks(&tx, &marks).await }
        })
        .await
    }

    async fn forget(&self, _now: SystemTime, user: &UserId) -> Result<bool, Error> {
        let user = user.clone();
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { forgetting::forget(&tx, &user).await }
        })
        .await
    }

    async fn export(&self, now: SystemTime, user: &UserId) -> Result<Export, Error> {
        let now = to_millis(now);
        aside!(self, session => forgetting::export(session, &self.inner.views, now, user))
    }

    async fn follow(
        &self,
        now: SystemTime,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        let now = to_millis(now);
        aside!(self, session => following::follow(session, now, after, limit))
    }

    fn changes(&self) -> Changes {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return Changes::none();
        };
        let (sender, changes) = Changes::channel();
        let own = self.inner.writer.database().own_writes();
        runtime.spawn(watching::watch(Arc::clone(&self.inner.long_readers), own, sender));
        changes
    }
}

impl fmt::Debug for MysqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.inner.connector.address();
        f.debug_struct("MysqlStore").field("database", address).finish_non_exhaustive()
    }
}

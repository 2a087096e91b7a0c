use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::connector::Connector;
use super::long_list::LongList;
use super::readers::Readers;
use super::sending::{self, Audience, Wanted};
use super::session::Session;
use super::snapshots::Snapshots;
use super::tx::Tx;
use super::writer::{SendTo, Subject, Writer};
use super::{
    NAME, PostgresOptions, Result as Inner, directory, failure, following, forgetting, keys,
    listening, marking, reading, relaying, retracting, senders, sweeping,
};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::{
    Changes, Delivered, Expiry, Export, Followed, NewMessage, Receipts, Relayed, Sent, SentFilter,
    SentPage, Store, Swept,
};
use crate::{AsOf, Count, Error, Filter, Item, ItemId, MessageId, Page, UserId};

/// PostgreSQL 13 or newer: any number of servers on one database.
///
/// Concurrent writes share one transaction and one commit; pages and counts share two connections.
/// Connections come back by themselves: while the server is away, calls fail with `Transient`
/// errors at once, and a second after its return at the latest they succeed again. The tables live
/// in the first schema of the `search_path`, beside the app's own.
///
/// **Poolers.** In transaction mode the pooler has to support prepared statements: PgBouncer from
/// 1.21 on with `max_prepared_statements` above 0, which is the default from 1.24 on.
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
    inner: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    connector: Arc<Connector>,
    readers: Readers,
    snapshots: Snapshots,
    writer: Writer,
    part_size: usize,
    patience: Duration,
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
pub(super) use read;

/// Reads in a snapshot on a connection of its own. The expression is a future of the session.
macro_rules! aside {
    ($store:expr, $session:ident => $work:expr) => {{
        let snapshot = $store.inner.snapshots.begin().await?;
        let $session = Arc::clone(&snapshot.session);
        let read = $work.await;
        snapshot.end(read).await
    }};
}

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
        let inner = Shared {
            readers: Readers::new(&connector, options.connections),
            snapshots: Snapshots::new(Arc::clone(&connector)),
            writer: Writer::new(Arc::clone(&connector), options.patience),
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
    async fn make_reader(&self, now: i64, user: &UserId, ids: &[ItemId]) -> Result<(), Error> {
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

    async fn is_known(&self, user: &UserId) -> Result<bool, Error> {
        self.is_so(marking::IS_KNOWN, user).await
    }

    async fn make_user(&self, user: &UserId) -> Result<(), Error> {
        let key = [user.as_str()];
        read!(self, session => directory::make(&session, &key, directory::Kept::Perhaps))
    }

    async fn is_so(&self, sql: &'static str, user: &UserId) -> Result<bool, Error> {
        let row = read!(self, session => session.query_one(sql, &[&user.as_str()]))?;
        row.try_get(0).map_err(failure::error)
    }

    async fn has(&self, sql: &'static str) -> Result<bool, Error> {
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
            let keys = keys::Keys::load(session, &[(sender, &asked.key)]).await?;
            let mut earlier = keys.earlier(now, sender, asked);
            if let Some(Ok(sent)) = &mut earlier {
                sent.waiting = keys::waiting(session, sent.id.value()).await?;
            }
            Ok(earlier)
        };
        read!(self, session => look(&session))
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
        let list = LongList::resolve(&self.inner.readers, to.as_slice(), part_size).await?;
        let (list, message) = (Arc::new(list), message.clone());
        let record = move |tx: Arc<Tx>| {
            let (list, message) = (Arc::clone(&list), message.clone());
            async move {
                let ids = list.still_known(&tx).await?;
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
impl Store for PostgresStore {
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
        if !self.has(sending::HAS_WAITING).await? {
            return Ok(None);
        }
        let now = to_millis(now);
        let deliver =
            move |tx: Arc<Tx>| async move { sending::deliver(&tx, now, name_users).await };
        self.write(Subject::Store, deliver).await
    }

    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error> {
        if !self.has(relaying::HAS_FRESH).await? {
            return Ok(Relayed::default());
        }
        read!(self, session => relaying::make_recipients(&session, limit))?;
        let relay =
            move |tx: Arc<Tx>| async move { relaying::relay(&tx, now, expiry, limit).await };
        self.write(Subject::Store, relay).await
    }

    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error> {
        let (now, readers) = (to_millis(now), &self.inner.readers);
        if !filter.is_selective() {
            let look = async |session: &Session| {
                let asked = reading::asked(now, user, filter);
                match reading::ask(session, readers, asked).await? {
                    Some((answer, view)) => {
                        reading::page(session, now, filter, answer, &view).await.map(Some)
                    }
                    None => Ok(None),
                }
            };
            if let Some(page) = read!(self, session => look(&session))? {
                return Ok(page);
            }
        }
        aside!(self, session => reading::search(&session, readers, now, user, filter))
    }

    async fn count(&self, now: SystemTime, user: &UserId) -> Result<Count, Error> {
        let (now, readers) = (to_millis(now), &self.inner.readers);
        let filter = Filter { limit: 0, ..Filter::default() };
        let asked = super::paging::Ask { at_most: 0, ..reading::asked(now, user, &filter) };
        if let Some((answer, view)) =
            read!(self, session => reading::ask(&session, readers, asked))?
        {
            return Ok(reading::count(now, &answer, &view));
        }
        let page = aside!(self, session => reading::search(&session, readers, now, user, &filter))?;
        Ok(Count { unread: page.unread, as_of: page.as_of })
    }

    async fn get(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<Option<Item>, Error> {
        let now = to_millis(now);
        read!(self, session => reading::get(&session, now, user, id))
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
        if !self.is_known(&user).await? {
            let row = read!(self, session => session.query_one(marking::NEWEST_BROADCAST, &[]))?;
            let newest: i64 = row.try_get(0).map_err(failure::error)?;
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
        if self.is_so(marking::HAS_JOINED, user).await? {
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
        read!(self, session => senders::sent(&session, now, filter))
    }

    async fn receipts(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error> {
        let now = to_millis(now);
        aside!(self, session => senders::receipts(&session, now, id, sender))
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
        let (users, positions) = aside!(self, session => sweeping::old_marks(&session))?;
        if users.is_empty() {
            return Ok(swept);
        }
        let marks = Arc::new((users, positions));
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let marks = Arc::clone(&marks);
            async move { sweeping::remove_marks(&tx, &marks.0, &marks.1).await }
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
        let (now, readers) = (to_millis(now), &self.inner.readers);
        aside!(self, session => forgetting::export(&session, readers, now, user))
    }

    async fn follow(
        &self,
        now: SystemTime,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        let now = to_millis(now);
        aside!(self, session => following::follow(&session, now, after, limit))
    }

    fn changes(&self) -> Changes {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return Changes::none();
        };
        let (sender, changes) = Changes::channel();
        let (connector, own) = (Arc::clone(&self.inner.connector), self.inner.writer.origin());
        runtime.spawn(listening::listen(connector, own, sender));
        changes
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.inner.connector.address();
        f.debug_struct("PostgresStore").field("database", address).finish_non_exhaustive()
    }
}

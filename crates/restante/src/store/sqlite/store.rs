use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use rusqlite::Connection;

use super::anchor::Anchor;
use super::long_list::LongList;
use super::readers::{Readers, Snapshot};
use super::remembered::Remembered;
use super::sending::Audience;
use super::tx::Tx;
use super::writer::Writer;
use super::{
    NAME, SqliteOptions, connection, following, forgetting, marking, reading, relaying, retracting,
    schema, senders, sending, sweeping, watching,
};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::shared_view::SharedView;
use crate::store::{
    Changes, Delivered, Expiry, Export, Followed, NewMessage, Receipts, Relayed, Sent, SentFilter,
    SentPage, Store, Swept,
};
use crate::{AsOf, Count, Error, Filter, Item, ItemId, MessageId, Page, UserId};

/// The embedded store: one SQLite file, any number of processes on it.
///
/// Acknowledged writes survive the loss of power unless [`Durability`](super::Durability) says
/// otherwise. Concurrent writes share one transaction and one fsync. Pages and counts are read on
/// the calling thread: some tens of microseconds, and as much again for each thousand unread items.
/// Pages with a filter, receipts and exports are read on a thread of tokio's for blocking work.
/// Cloning is cheap; clones share everything.
///
/// ```
/// use restante::{Message, Restante, SqliteStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// # let folder = tempfile::tempdir().unwrap(); let path = folder.path().join("app.db");
/// let restante = Restante::new(SqliteStore::open(&path).await?);
/// restante.send(Message::info("Ahoy there"), "alice").await?;
/// drop(restante);
///
/// let restante = Restante::new(SqliteStore::open(&path).await?);
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    part_size: usize,
    writer: Writer,
    readers: Readers,
}

impl SqliteStore {
    /// Opens a file with the default options; see [`SqliteOptions::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        SqliteOptions::new().open(path).await
    }

    pub(super) async fn open_with(path: PathBuf, options: SqliteOptions) -> Result<Self, Error> {
        if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
            return Err(Error::invalid("path", "must name a file; for memory use MemoryStore"));
        }
        blocking(move || {
            let mut writer = connection::open(&path, &options, false).map_err(connection::error)?;
            schema::migrate(&mut writer)?;
            let anchor = Arc::new(Anchor::new(path.clone(), options.clone()));
            let readers = Readers::new(path.clone(), options.clone(), Arc::clone(&anchor));
            let writer = Writer::start(writer, options.busy_timeout, anchor)?;
            let inner = Inner { path, part_size: options.part_size, writer, readers };
            Ok(Self { inner: Arc::new(inner) })
        })
        .await
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        self.inner.writer.write(work).await
    }

    /// How many groups this process has written, and how many writes were in them.
    pub(super) fn groups(&self) -> (u64, u64) {
        self.inner.writer.groups()
    }

    #[cfg(test)]
    pub(super) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// A read of one statement, on this thread; see [`Readers::glance`].
    pub(super) fn glance<T>(
        &self,
        work: impl FnOnce(&Connection, &SharedView, &mut Remembered) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.inner.readers.glance(work)
    }

    /// A quick read, on this thread.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&mut Snapshot<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.inner.readers.read(work)
    }

    /// A read that may take long, on a thread of its own.
    async fn read_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Snapshot<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.inner);
        blocking(move || inner.readers.read(work)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    // Without a runtime there is nobody whom waiting here would hold up.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return work();
    };
    let joined = runtime.spawn_blocking(work).await;
    joined.map_err(|e| Error::internal(NAME, "a read was broken off").with_source(e))?
}

#[async_trait]
impl Store for SqliteStore {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        let (now, message) = (to_millis(now), message.clone());
        let part_size = self.inner.part_size;
        if to.as_slice().len() <= part_size {
            let to = to.clone();
            let send = move |tx: &mut Tx<'_>| {
                sending::send(tx, now, &message, &Audience::Short(to.as_slice()))
            };
            return self.write(send).await?;
        }
        // A repeated long list need not be looked up; the transaction looks again.
        if let Some(idempotency) = message.idempotency() {
            let earlier = self.read(|snapshot| {
                sending::sent_before(snapshot.conn, now, message.sender(), idempotency)
            })?;
            if let Some(earlier) = earlier {
                return earlier;
            }
        }
        let list = LongList::resolve(self, to.as_slice(), part_size).await?;
        self.write(move |tx| {
            let ids = list.still_known(tx.conn)?;
            sending::send(tx, now, &message, &Audience::Long { ids: &ids, part_size })
        })
        .await?
    }

    async fn broadcast(
        &self,
        now: SystemTime,
        message: &NewMessage,
        newcomers: bool,
    ) -> Result<Sent, Error> {
        let (now, message) = (to_millis(now), message.clone());
        let audience = Audience::Everyone { newcomers };
        self.write(move |tx| sending::send(tx, now, &message, &audience)).await?
    }

    async fn deliver(&self, now: SystemTime, name_users: bool) -> Result<Option<Delivered>, Error> {
        if !self.read(|snapshot| sending::has_waiting(snapshot.conn))? {
            return Ok(None);
        }
        let now = to_millis(now);
        self.write(move |tx| sending::deliver(tx, now, name_users)).await
    }

    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error> {
        if !self.read(|snapshot| relaying::has_fresh(snapshot.conn))? {
            return Ok(Relayed::default());
        }
        self.write(move |tx| relaying::relay(tx, now, expiry, limit)).await
    }

    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error> {
        let now = to_millis(now);
        if filter.is_selective() {
            // It may look at 2,000 long messages, for tenths of a second.
            let (user, filter) = (user.clone(), filter.clone());
            return self
                .read_aside(move |snapshot| reading::list(snapshot, now, &user, &filter))
                .await;
        }
        self.read(|snapshot| reading::list(snapshot, now, user, filter))
    }

    async fn count(&self, now: SystemTime, user: &UserId) -> Result<Count, Error> {
        let now = to_millis(now);
        let quick = self.glance(|conn, view, remembered| {
            reading::remembered_count(conn, view, remembered, now, user)
        });
        if let Some(count) = quick? {
            return Ok(count);
        }
        self.read(|snapshot| Ok(reading::count(snapshot, now, user)?.1))
    }

    async fn get(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<Option<Item>, Error> {
        self.read(|snapshot| reading::get(snapshot, to_millis(now), user, id))
    }

    async fn mark_read(
        &self,
        now: SystemTime,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        let (now, user, ids) = (to_millis(now), user.clone(), ids.to_vec());
        self.write(move |tx| {
            let mut changed = 0;
            for id in &ids {
                changed += u64::from(marking::mark_read(tx, now, &user, *id)?);
            }
            Ok(changed)
        })
        .await
    }

    async fn mark_unread(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.write(move |tx| marking::mark_unread(tx, now, &user, id)).await
    }

    async fn mark_all_read(
        &self,
        now: SystemTime,
        user: &UserId,
        as_of: &AsOf,
    ) -> Result<bool, Error> {
        let (now, user, as_of) = (to_millis(now), user.clone(), *as_of);
        self.write(move |tx| marking::mark_all_read(tx, now, &user, as_of)).await
    }

    async fn dismiss(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.write(move |tx| marking::dismiss(tx, now, &user, id)).await
    }

    async fn join(
        &self,
        _now: SystemTime,
        user: &UserId,
        joined: SystemTime,
    ) -> Result<bool, Error> {
        if self.read(|snapshot| marking::has_joined(snapshot.conn, user))? {
            return Ok(false);
        }
        let (joined, user) = (to_millis(joined), user.clone());
        self.write(move |tx| marking::join(tx, &user, joined)).await
    }

    async fn sent(&self, now: SystemTime, filter: &SentFilter) -> Result<SentPage, Error> {
        self.read(|snapshot| senders::sent(snapshot.conn, to_millis(now), filter))
    }

    async fn receipts(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error> {
        let (now, sender) = (to_millis(now), sender.map(str::to_owned));
        self.read_aside(move |snapshot| {
            senders::receipts(snapshot.conn, now, id, sender.as_deref())
        })
        .await
    }

    async fn retract(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error> {
        let (now, sender) = (to_millis(now), sender.map(str::to_owned));
        self.write(move |tx| retracting::retract(tx, now, id, sender.as_deref())).await
    }

    async fn sweep(&self, now: SystemTime) -> Result<Swept, Error> {
        let now = to_millis(now);
        let swept = self.write(move |tx| sweeping::step(tx, now)).await?;
        if swept.more {
            return Ok(swept);
        }
        let marks = self.read_aside(|snapshot| sweeping::old_marks(snapshot.conn)).await?;
        if marks.is_empty() {
            return Ok(swept);
        }
        self.write(move |tx| sweeping::remove_marks(tx.conn, &marks)).await
    }

    async fn forget(&self, _now: SystemTime, user: &UserId) -> Result<bool, Error> {
        let user = user.clone();
        self.write(move |tx| forgetting::forget(tx, &user)).await
    }

    async fn export(&self, now: SystemTime, user: &UserId) -> Result<Export, Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.read_aside(move |snapshot| forgetting::export(snapshot, now, &user)).await
    }

    async fn follow(
        &self,
        now: SystemTime,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        let now = to_millis(now);
        self.read_aside(move |snapshot| following::follow(snapshot.conn, now, after, limit)).await
    }

    fn changes(&self) -> Changes {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return Changes::none();
        };
        let (sender, changes) = Changes::channel();
        let inner = Arc::downgrade(&self.inner);
        let others = async move || Some(inner.upgrade()?.writer.after_others().await);
        let (path, options) = (self.inner.path.clone(), self.inner.readers.options().clone());
        runtime.spawn(watching::watch(path, options, others, sender));
        changes
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn only_pages_that_may_take_long_leave_the_thread() {
        let one = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build();
        one.unwrap().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(folder.path().join("a.db")).await.unwrap();
            let (now, alice) = (SystemTime::now(), UserId::new("alice").unwrap());
            // The one thread for blocking work has to wait.
            let (go_on, told) = std::sync::mpsc::channel();
            tokio::task::spawn_blocking(move || told.recv());

            let (plain, selective) = (Filter::archive(), Filter::archive().tag("a"));
            assert!(store.list(now, &alice, &plain).now_or_never().is_some());
            let mut page = store.list(now, &alice, &selective);
            assert!((&mut page).now_or_never().is_none());
            go_on.send(()).unwrap();
            assert!(page.await.unwrap().items.is_empty());
        });
    }
}

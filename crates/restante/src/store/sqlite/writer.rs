//! The one thread that writes: group commit.
//!
//! While one group is being made durable the next one gathers in the queue. A group costs one fsync
//! however many callers it serves. If it fails, its members are done one by one, so that nobody
//! fails for another's sake; no savepoints are needed.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::NAME;
use super::anchor::Anchor;
use super::connection::error;
use super::tx::Tx;
use super::watching;
use crate::Error;

/// Most writes in one group.
const GROUP: usize = 512;
/// Most writes that wait; further callers wait for room.
const QUEUE: usize = 4_096;

/// The callers' end of the writer's queue. The thread ends when it is dropped, after doing what has
/// been asked for.
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    groups: Arc<Groups>,
}

/// How many groups were committed, and how many writes in them.
#[derive(Default)]
struct Groups {
    committed: AtomicU64,
    writes: AtomicU64,
    /// Before how many of them others had written.
    after_others: AtomicU64,
    /// What told so last.
    version: AtomicI64,
}

impl Groups {
    fn add(&self, writes: usize) {
        self.committed.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
    }

    /// Notices, within a transaction, whether others wrote since the one before: the connection
    /// counts everybody's commits but its own.
    fn look(&self, connection: &Connection) {
        if let Ok(version) = watching::version(connection)
            && self.version.swap(version, Ordering::Relaxed) != version
        {
            self.after_others.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// One caller's write. `run` may be called again after a rollback.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

struct Call<F, T> {
    work: F,
    result: Option<T>,
    caller: oneshot::Sender<Result<T, Error>>,
}

impl<F, T> Job for Call<F, T>
where
    F: FnMut(&mut Tx<'_>) -> rusqlite::Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> rusqlite::Result<()> {
        self.result = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let Self { result, caller, .. } = *self;
        let not_done = || Error::internal(NAME, "the write was not done");
        // A caller that has gone away does not want to know.
        let _ = caller.send(committed.and_then(|()| result.ok_or_else(not_done)));
    }
}

impl Writer {
    /// Starts the thread.
    ///
    /// `patience` is how long it waits for another process's transaction.
    pub(super) fn start(
        connection: Connection,
        patience: Duration,
        anchor: Arc<Anchor>,
    ) -> Result<Self, Error> {
        // `Tx::begin` waits by itself.
        connection.busy_timeout(Duration::ZERO).map_err(error)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let groups = Arc::<Groups>::default();
        let counted = Arc::clone(&groups);
        std::thread::Builder::new()
            .name("restante-sqlite".to_owned())
            .spawn(move || run(&connection, patience, queue, &counted, &anchor))
            .map_err(|e| Error::internal(NAME, "the writer cannot start").with_source(e))?;
        Ok(Self { jobs, groups })
    }

    /// How many groups were committed, and how many writes in them.
    pub(super) fn groups(&self) -> (u64, u64) {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        (read(&self.groups.committed), read(&self.groups.writes))
    }

    /// Before how many groups somebody else had written, another process or another store of this
    /// one, up to now.
    pub(super) async fn after_others(&self) -> u64 {
        // A group that does nothing has looked when it is done, and writes nothing. If the lock
        // cannot be had, others are writing.
        if self.write(|_| Ok(())).await.is_err() {
            self.groups.after_others.fetch_add(1, Ordering::Relaxed);
        }
        self.groups.after_others.load(Ordering::Relaxed)
    }

    /// Does `work` in a transaction, with others', and returns when it is durable.
    ///
    /// `work` may run more than once, each time from the state before it. What it refuses (a
    /// conflict, say) it returns as a value, having written nothing: an `Err` is a failure of the
    /// database and makes the whole group run again one by one.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let stopped = || Error::internal(NAME, "the writer has stopped");
        let job = Box::new(Call { work, result: None, caller });
        self.jobs.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

fn run(
    connection: &Connection,
    patience: Duration,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    groups: &Groups,
    anchor: &Anchor,
) {
    let mut group = Vec::with_capacity(GROUP);
    let mut turn = Turn::begin();
    while queue.blocking_recv_many(&mut group, GROUP) > 0 {
        turn.give_way();
        let writing = anchor.give_way();
        match commit_together(connection, patience, groups, &mut group) {
            Ok(()) => {
                groups.add(group.len());
                group.drain(..).for_each(|job| job.answer(Ok(())));
            }
            // Nobody's fault: trying one by one would make each wait as long again.
            Err(Failure::NoLock(error)) => {
                for job in group.drain(..) {
                    job.answer(Err(error.repeated()));
                }
            }
            Err(Failure::Within(_)) => {
                for mut job in group.drain(..) {
                    let alone = std::slice::from_mut(&mut job);
                    let done = commit_together(connection, patience, groups, alone);
                    if done.is_ok() {
                        groups.add(1);
                    }
                    job.answer(done.map_err(Failure::into_error));
                }
            }
        }
        drop(writing);
        turn.ends();
    }
}

/// Why a group was not committed. Nothing of it was done.
enum Failure {
    /// Another process held the write lock all the time.
    NoLock(Error),
    /// One of its members failed, or the commit.
    Within(Error),
}

impl Failure {
    fn into_error(self) -> Error {
        match self {
            Self::NoLock(error) | Self::Within(error) => error,
        }
    }
}

fn commit_together(
    connection: &Connection,
    patience: Duration,
    groups: &Groups,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), Failure> {
    let mut tx = Tx::begin(connection, patience).map_err(|e| Failure::NoLock(error(e)))?;
    groups.look(connection);
    for job in jobs {
        if let Err(failure) = run_job(job.as_mut(), &mut tx) {
            tx.roll_back();
            return Err(Failure::Within(failure));
        }
    }
    tx.commit().map_err(|e| Failure::Within(error(e)))
}

/// A writer that always has a next group would hardly ever leave the lock to another process, which
/// has to look for the moment in between. So now and then it leaves a longer one.
struct Turn {
    began: Instant,
    ended: Instant,
}

/// How long a writer may go on without a break, and how long a break is: long enough for others to
/// look twice.
const TURN: Duration = Duration::from_millis(50);
const BREAK: Duration = Duration::from_millis(1);

impl Turn {
    fn begin() -> Self {
        let now = Instant::now();
        Self { began: now, ended: now }
    }

    /// Called when there is a group to write.
    fn give_way(&mut self) {
        let now = Instant::now();
        if now - self.ended >= BREAK {
            // There was nothing to do, which was a break as well.
            self.began = now;
        } else if now - self.began >= TURN {
            std::thread::sleep(BREAK);
            self.began = Instant::now();
        }
    }

    fn ends(&mut self) {
        self.ended = Instant::now();
    }
}

/// A fault in one job must not end the thread, and with it everybody's writes: the transaction is
/// rolled back whole, and the job's caller told.
fn run_job(job: &mut dyn Job, tx: &mut Tx<'_>) -> Result<(), Error> {
    match catch_unwind(AssertUnwindSafe(|| job.run(tx))) {
        Ok(done) => done.map_err(error),
        Err(_) => Err(Error::internal(NAME, "a fault in this library; nothing was written")),
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("free", &self.jobs.capacity()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SqliteOptions, schema};
    use super::*;

    fn writer(folder: &tempfile::TempDir) -> Writer {
        let path = folder.path().join("writer.db");
        let mut connection = Connection::open(&path).unwrap();
        schema::migrate(&mut connection).unwrap();
        let anchor = Arc::new(Anchor::new(path, SqliteOptions::new()));
        Writer::start(connection, Duration::from_millis(200), anchor).unwrap()
    }

    fn count(tx: &mut Tx<'_>) -> rusqlite::Result<i64> {
        tx.conn.query_row("SELECT count(*) FROM restante_users", [], |row| row.get(0))
    }

    async fn add(writer: &Writer, key: &'static str) -> Result<(), Error> {
        let insert = move |tx: &mut Tx<'_>| {
            tx.conn.execute("INSERT INTO restante_users(key) VALUES (?1)", [key]).map(|_| ())
        };
        writer.write(insert).await
    }

    #[tokio::test]
    async fn one_that_fails_takes_nobody_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        // All of them wait for the first, so they end up in one group.
        let slow = writer.write(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            Ok(())
        });
        let bad = writer.write(|tx| tx.conn.execute("INSERT INTO nowhere VALUES (1)", []));
        let (slow, a, bad, b) = tokio::join!(slow, add(&writer, "a"), bad, add(&writer, "b"));
        assert!(slow.is_ok() && a.is_ok() && b.is_ok(), "{a:?} {b:?}");
        assert!(bad.is_err());
        assert_eq!(writer.write(count).await.unwrap(), 2);
        assert_eq!(writer.groups().1, 4, "the bad one was never written");
    }

    #[tokio::test]
    async fn what_waits_becomes_one_group() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let slow = writer.write(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            Ok(())
        });
        let (slow, a, b, c) =
            tokio::join!(slow, add(&writer, "a"), add(&writer, "b"), add(&writer, "c"));
        assert!(slow.is_ok() && a.is_ok() && b.is_ok() && c.is_ok());
        let (groups, grouped) = writer.groups();
        assert!(groups <= 2 && grouped == 4, "{groups} groups of {grouped} writes");
    }

    #[tokio::test]
    async fn a_lock_held_elsewhere_is_told_to_all_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let elsewhere = Connection::open(folder.path().join("writer.db")).unwrap();
        elsewhere.execute_batch("BEGIN IMMEDIATE").unwrap();
        let began = Instant::now();
        let (a, b, c) = tokio::join!(add(&writer, "a"), add(&writer, "b"), add(&writer, "c"));
        for refused in [a, b, c] {
            assert!(refused.unwrap_err().is_transient());
        }
        // The first may have been a group of its own.
        assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
        elsewhere.execute_batch("ROLLBACK").unwrap();
        add(&writer, "a").await.unwrap();
    }

    #[tokio::test]
    async fn a_fault_is_told_and_the_thread_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder);
        let fault = writer.write(|tx| -> rusqlite::Result<()> {
            tx.conn.execute("INSERT INTO restante_users(key) VALUES ('half')", [])?;
            panic!("on purpose")
        });
        assert!(fault.await.is_err());
        assert_eq!(writer.write(count).await.unwrap(), 0);
    }
}

//! A read lock that is held for this process's readers while there are many of them.
//!
//! Every read transaction takes a lock of the file and gives it back: two system calls, made under a
//! mutex for which readers on other threads wait, so that they cost more than a count itself. While
//! one connection of the process holds that lock, SQLite only counts who shares it. This is that
//! connection.
//!
//! A lock that is held for long keeps the log from starting anew. So it is taken anew every few
//! milliseconds, left alone as long as somebody writes, here or in another process, and given up as
//! soon as readers are few.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::SqliteOptions;
use super::connection;

/// How long it is held before it is taken anew.
const TICK: Duration = Duration::from_millis(5);
/// So many reads within a tick are many: below, the lock costs a hundredth of the processor at most.
const MANY: u64 = 64;

/// What the store's readers and its writer know of it.
pub(super) struct Anchor {
    shared: Arc<Shared>,
    path: PathBuf,
    options: SqliteOptions,
    /// Started when there are many readers for the first time.
    keeper: OnceLock<Option<Thread>>,
}

struct Shared {
    reads: AtomicU64,
    /// When the last round of [`MANY`] reads was full, in nanoseconds since `born`.
    full_at: AtomicU64,
    born: Instant,
    is_awake: AtomicBool,
    is_over: AtomicBool,
    hold: Mutex<Hold>,
}

#[derive(Default)]
struct Hold {
    connection: Option<Connection>,
    is_held: bool,
    is_writing: bool,
    /// Changes with every commit of another connection.
    known: i64,
}

/// While this is there, somebody writes.
pub(super) struct Writing<'a>(&'a Anchor);

impl Anchor {
    pub(super) fn new(path: PathBuf, options: SqliteOptions) -> Self {
        let shared = Shared {
            reads: AtomicU64::new(0),
            full_at: AtomicU64::new(0),
            born: Instant::now(),
            is_awake: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            hold: Mutex::default(),
        };
        Self { shared: Arc::new(shared), path, options, keeper: OnceLock::new() }
    }

    /// Counts a read that is about to begin.
    pub(super) fn count_read(&self) {
        let shared = &self.shared;
        let reads = shared.reads.fetch_add(1, Ordering::Relaxed);
        if reads % MANY != MANY - 1 || shared.is_awake.load(Ordering::Relaxed) {
            return;
        }
        let now = u64::try_from(shared.born.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let before = shared.full_at.swap(now, Ordering::Relaxed);
        if u128::from(now.saturating_sub(before)) < TICK.as_nanos() {
            shared.is_awake.store(true, Ordering::Relaxed);
            if let Some(keeper) = self.keeper.get_or_init(|| self.start()) {
                keeper.unpark();
            }
        }
    }

    /// Gives the lock up until the writer is done.
    pub(super) fn give_way(&self) -> Writing<'_> {
        let mut hold = self.shared.hold();
        hold.is_writing = true;
        hold.let_go();
        Writing(self)
    }

    /// Without a thread of its own everything works as well, only slower.
    fn start(&self) -> Option<Thread> {
        let (shared, path, options) =
            (Arc::clone(&self.shared), self.path.clone(), self.options.clone());
        let keeper = std::thread::Builder::new().name("restante-sqlite-anchor".to_owned());
        let keeper = keeper.spawn(move || keep(&shared, &path, &options)).ok()?;
        Some(keeper.thread().clone())
    }

    #[cfg(test)]
    fn is_held(&self) -> bool {
        self.shared.hold().is_held
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.shared.hold().is_writing = false;
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        if let Some(Some(keeper)) = self.keeper.get() {
            keeper.unpark();
        }
    }
}

fn keep(shared: &Shared, path: &Path, options: &SqliteOptions) {
    let mut before = shared.reads.load(Ordering::Relaxed);
    while !shared.is_over.load(Ordering::Relaxed) {
        let reads = shared.reads.load(Ordering::Relaxed);
        let are_many = reads.wrapping_sub(before) >= MANY;
        before = reads;
        let is_at_work = shared.hold().tick(are_many, path, options);
        if is_at_work.unwrap_or(false) {
            std::thread::sleep(TICK);
        } else {
            shared.is_awake.store(false, Ordering::Relaxed);
            std::thread::park();
            before = shared.reads.load(Ordering::Relaxed).wrapping_sub(MANY);
        }
    }
}

impl Shared {
    fn hold(&self) -> MutexGuard<'_, Hold> {
        // What a panic leaves is a lock that is held or not, as it says.
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// Takes the lock anew, or gives it up; whether there will be more to do.
    fn tick(
        &mut self,
        are_many: bool,
        path: &Path,
        options: &SqliteOptions,
    ) -> rusqlite::Result<bool> {
        self.let_go();
        if !are_many {
            self.connection = None;
            return Ok(false);
        }
        if self.is_writing {
            return Ok(true);
        }
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connection::open(path, options, true)?,
        };
        let version = connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        let is_quiet = version == self.known;
        self.known = version;
        if is_quiet {
            connection.prepare_cached("BEGIN")?.execute([])?;
            // Only a statement that reads takes the lock.
            let read = connection
                .prepare_cached("SELECT version FROM restante_clock")
                .and_then(|mut select| select.query_row([], |row| row.get::<_, i64>(0)));
            self.is_held = true;
            self.connection = Some(connection);
            read?;
        } else {
            self.connection = Some(connection);
        }
        Ok(true)
    }

    fn let_go(&mut self) {
        if !std::mem::take(&mut self.is_held) {
            return;
        }
        let ended = self.connection.as_ref().map(|connection| {
            connection.prepare_cached("COMMIT").and_then(|mut end| end.execute([]))
        });
        if !matches!(ended, Some(Ok(_))) {
            // Closing it ends whatever it held.
            self.connection = None;
        }
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Anchor").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    fn file(folder: &tempfile::TempDir) -> (PathBuf, Connection) {
        let path = folder.path().join("anchor.db");
        let mut connection = Connection::open(&path).unwrap();
        schema::migrate(&mut connection).unwrap();
        (path, connection)
    }

    fn anchor(path: &Path) -> Anchor {
        Anchor::new(path.to_owned(), SqliteOptions::new())
    }

    /// Reads as fast as many readers do, until something is so.
    fn read_until(anchor: &Anchor, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(20));
            (0..MANY).for_each(|_| anchor.count_read());
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    #[test]
    fn it_is_held_for_many_readers_and_given_up_when_they_are_few() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _connection) = file(&folder);
        let anchor = anchor(&path);
        anchor.count_read();
        assert!(anchor.keeper.get().is_none(), "few readers need none");
        read_until(&anchor, || anchor.is_held());
        let began = Instant::now();
        while anchor.is_held() || anchor.shared.is_awake.load(Ordering::Relaxed) {
            assert!(began.elapsed() < Duration::from_secs(20));
            std::thread::sleep(TICK);
        }
        read_until(&anchor, || anchor.is_held());
    }

    #[test]
    fn it_gives_way_to_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _connection) = file(&folder);
        let anchor = anchor(&path);
        read_until(&anchor, || anchor.is_held());
        let writing = anchor.give_way();
        for _ in 0..20 {
            assert!(!anchor.is_held());
            (0..MANY).for_each(|_| anchor.count_read());
            std::thread::sleep(TICK / 5);
        }
        drop(writing);
        read_until(&anchor, || anchor.is_held());
    }

    /// A lock that is always held would keep another process's log growing for ever.
    #[test]
    fn the_log_of_another_process_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (path, connection) = file(&folder);
        connection
            .execute_batch(
                "PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=50; CREATE TABLE t(x)",
            )
            .unwrap();
        let anchor = anchor(&path);
        read_until(&anchor, || anchor.is_held());
        let (commits, page) = (2_000, 4_096);
        for _ in 0..commits {
            (0..MANY).for_each(|_| anchor.count_read());
            connection.execute("INSERT INTO t VALUES (zeroblob(8000))", []).unwrap();
            std::thread::sleep(Duration::from_micros(200));
        }
        let log = std::fs::metadata(folder.path().join("anchor.db-wal")).unwrap().len();
        assert!(log < commits * page / 2, "{log} bytes");
    }
}

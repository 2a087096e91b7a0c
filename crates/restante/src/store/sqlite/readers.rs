//! Connections for reading, one a thread at a time.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use rusqlite::Connection;

use super::SqliteOptions;
use super::anchor::Anchor;
use super::connection;
use super::messages::{self, BODY_COLUMNS};
use super::remembered::Remembered;
use crate::Error;
use crate::store::shared_view::{Body, Broadcast, SharedView};

/// Most bodies of long lists' messages that a connection remembers.
const REMEMBERED: usize = 256;

/// Most idle connections that are kept. There are never more than threads that read at once.
const IDLE: usize = 32;

/// Idle connections.
pub(super) struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    idle: Mutex<Vec<Reader>>,
    anchor: Arc<Anchor>,
    /// The view last loaded by any connection.
    view: Mutex<Arc<SharedView>>,
}

struct Reader {
    conn: Connection,
    /// Who used it last.
    thread: ThreadId,
    view: Arc<SharedView>,
    /// Bodies of long lists' messages by the position of a part: many users' pages show the same
    /// few. Forgotten with the view, which every retraction of such a message changes.
    list_bodies: HashMap<i64, Option<Body>>,
    remembered: Remembered,
}

/// A read transaction.
pub(super) struct Snapshot<'r> {
    pub(super) conn: &'r Connection,
    pub(super) view: &'r SharedView,
    list_bodies: &'r mut HashMap<i64, Option<Body>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, options: SqliteOptions, anchor: Arc<Anchor>) -> Self {
        let view = Arc::new(SharedView { version: -1, ..SharedView::default() });
        Self { path, options, idle: Mutex::default(), anchor, view: Mutex::new(view) }
    }

    /// How its connections are opened.
    pub(super) fn options(&self) -> &SqliteOptions {
        &self.options
    }

    /// Reads from one snapshot, on this thread.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&mut Snapshot<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.with_reader(|reader| self.in_snapshot(reader, work))
    }

    /// Reads by one statement, which is a snapshot without being told so, or from what the connection
    /// remembers. The view may be of another one: whoever uses it compares versions.
    pub(super) fn glance<T>(
        &self,
        work: impl FnOnce(&Connection, &SharedView, &mut Remembered) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.with_reader(|reader| work(&reader.conn, &reader.view, &mut reader.remembered))
    }

    fn with_reader<T>(
        &self,
        work: impl FnOnce(&mut Reader) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.anchor.count_read();
        let thread = std::thread::current().id();
        let mut reader = match self.idle_reader(thread) {
            Some(reader) => Reader { thread, ..reader },
            None => Reader {
                conn: connection::open(&self.path, &self.options, true)
                    .map_err(connection::error)?,
                thread,
                view: Arc::clone(&lock(&self.view)),
                list_bodies: HashMap::new(),
                remembered: Remembered::new(),
            },
        };
        let result = work(&mut reader);
        let mut idle = lock(&self.idle);
        if reader.conn.is_autocommit() && idle.len() < IDLE {
            idle.push(reader);
        }
        drop(idle);
        result.map_err(connection::error)
    }

    /// The one that this thread used last, since its pages are in this core's cache; or any.
    fn idle_reader(&self, thread: ThreadId) -> Option<Reader> {
        let mut idle = lock(&self.idle);
        match idle.iter().rposition(|reader| reader.thread == thread) {
            Some(at) => Some(idle.swap_remove(at)),
            None => idle.pop(),
        }
    }

    fn in_snapshot<T>(
        &self,
        reader: &mut Reader,
        work: impl FnOnce(&mut Snapshot<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        reader.conn.prepare_cached("BEGIN")?.execute([])?;
        let result = self.refresh(reader).and_then(|()| {
            let Reader { conn, view, list_bodies, .. } = reader;
            work(&mut Snapshot { conn, view, list_bodies })
        });
        // Nothing was written: ending it by COMMIT or ROLLBACK is the same.
        let ended = reader.conn.prepare_cached("COMMIT").and_then(|mut end| end.execute([]));
        result.and_then(|value| ended.map(|_| value))
    }

    /// Makes the reader's view that of its snapshot.
    fn refresh(&self, reader: &mut Reader) -> rusqlite::Result<()> {
        let version: i64 = reader
            .conn
            .prepare_cached("SELECT version FROM restante_clock")?
            .query_row([], |row| row.get(0))?;
        if reader.view.version != version {
            let shared = Arc::clone(&lock(&self.view));
            reader.list_bodies.clear();
            reader.view = if shared.version == version {
                shared
            } else {
                let loaded = Arc::new(load_view(&reader.conn, version)?);
                let mut shared = lock(&self.view);
                if shared.version < version {
                    *shared = Arc::clone(&loaded);
                }
                loaded
            };
        }
        Ok(())
    }
}

fn load_view(conn: &Connection, version: i64) -> rusqlite::Result<SharedView> {
    let mut select = conn.prepare_cached(&format!(
        "SELECT b.position, b.until, b.newcomers, {BODY_COLUMNS}
         FROM restante_broadcasts b JOIN restante_messages m ON m.id = b.position
         ORDER BY b.position",
    ))?;
    let broadcasts = select.query_map([], |row| {
        Ok(Broadcast {
            position: row.get(0)?,
            until: row.get(1)?,
            newcomers: row.get(2)?,
            body: messages::body(row, 3)?,
        })
    })?;
    let broadcasts = broadcasts.collect::<Result<_, _>>()?;
    let mut select = conn.prepare_cached("SELECT position FROM restante_retracting")?;
    let retracting = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(SharedView { version, broadcasts, retracting })
}

impl Snapshot<'_> {
    /// The message that a personal item belongs to: the one with the item's position as its id, or
    /// the one of which a part has it.
    pub(super) fn body(&mut self, position: i64) -> rusqlite::Result<Option<Body>> {
        if let Some(body) = self.list_bodies.get(&position) {
            return Ok(body.clone());
        }
        if let Some(body) = messages::find_body(self.conn, position)? {
            return Ok(Some(body));
        }
        let body = match messages::of_part(self.conn, position)? {
            Some(message) => messages::find_body(self.conn, message)?,
            None => None,
        };
        if self.list_bodies.len() >= REMEMBERED {
            self.list_bodies.clear();
        }
        self.list_bodies.insert(position, body.clone());
        Ok(body)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Both hold a value that is replaced in one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("path", &self.path).finish_non_exhaustive()
    }
}

//! Noticing that another process wrote: SQLite tells nobody, so it is looked for.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;

use super::{SqliteOptions, connection};
use crate::store::{Change, ChangeSender};

/// How often to look, which costs two microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// This process's own writes look the same. While it writes all the time, others' are suspected this
/// often only.
const SUSPECT_EVERY: u32 = 8;

/// Looks until nobody wants to know. `own` tells how many groups this process has written.
pub(super) async fn watch(
    path: PathBuf,
    options: SqliteOptions,
    own: impl Fn() -> u64 + Send,
    changes: ChangeSender,
) {
    let Ok(connection) = connection::open(&path, &options, true) else {
        return;
    };
    let mut written = own();
    let Ok(mut known) = version(&connection) else {
        return;
    };
    let mut suspected = 0;
    loop {
        if tokio::time::timeout(LOOK_EVERY, changes.closed()).await.is_ok() {
            return;
        }
        // Counted before looking: a write in between is suspected rather than missed.
        let own_writes = own();
        // A file that is busy is looked at again.
        let Ok(version) = version(&connection) else { continue };
        let is_own = own_writes != written;
        suspected += u32::from(version != known && is_own);
        if (version != known && !is_own) || suspected >= SUSPECT_EVERY {
            changes.send(Change::Anything);
            suspected = 0;
        }
        (known, written) = (version, own_writes);
    }
}

/// Changes with every commit of another connection.
fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

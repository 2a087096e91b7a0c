//! Noticing that another process wrote: SQLite tells nobody, so it is looked for.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;

use super::{SqliteOptions, connection};
use crate::store::{Change, ChangeSender};

/// How often to look, which costs two microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Looks until nobody wants to know. `others` asks the writer how many times it found that others
/// had written; `None` when it is gone.
pub(super) async fn watch(
    path: PathBuf,
    options: SqliteOptions,
    others: impl AsyncFn() -> Option<u64> + Send,
    changes: ChangeSender,
) {
    let Some(mut told) = others().await else {
        return;
    };
    let connection = loop {
        match connection::open(&path, &options, true) {
            Ok(connection) => break connection,
            // Too many open files, mostly.
            Err(error) => tracing::warn!(%error, "others' writes cannot be looked for yet"),
        }
        if tokio::time::timeout(LOOK_EVERY * 10, changes.closed()).await.is_ok() {
            return;
        }
    };
    // At first the writer is asked in any case: somebody may have written since it was.
    let mut known = None;
    while tokio::time::timeout(LOOK_EVERY, changes.closed()).await.is_err() {
        // A file that is busy is looked at again.
        let Ok(version) = version(&connection) else { continue };
        if known.replace(version) == Some(version) {
            continue;
        }
        // This process's own writes look the same from here. The writer can tell.
        match others().await {
            None => return,
            Some(number) if number != told => {
                told = number;
                changes.send(Change::Anything);
            }
            Some(_) => {}
        }
    }
}

/// Changes with every commit of another connection.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

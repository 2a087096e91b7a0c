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
    let Ok(connection) = connection::open(&path, &options, true) else {
        return;
    };
    let (Ok(mut known), Some(mut told)) = (version(&connection), others().await) else {
        return;
    };
    while tokio::time::timeout(LOOK_EVERY, changes.closed()).await.is_err() {
        // A file that is busy is looked at again.
        let Ok(version) = version(&connection) else { continue };
        if version == known {
            continue;
        }
        known = version;
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

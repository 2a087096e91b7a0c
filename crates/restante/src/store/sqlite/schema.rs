//! The tables, and bringing a file up to date.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::NAME;
use super::connection::error;
use crate::Error;

/// Each entry brings the tables from the version before to its own: the first to version 1. Entries
/// are never changed once released.
const MIGRATIONS: [&str; 2] = [VERSION_1, VERSION_2];

/// Times are milliseconds since 1970, but for `restante_deliveries.until`, which is in seconds: that
/// table has a row for every delivery, and four bytes are two less than six.
///
/// `restante_deliveries` is clustered by user, so that a page touches one or two leaves; the state
/// comes before the position, so that unread items are one range (new and kept are 1 and 2). A
/// delivery names no message: its position is the message's id, or that of one part of a long list.
///
/// `AUTOINCREMENT` where ids must never come back: an id in a recipients list must not become
/// another user's, nor an outbox id be relayed twice.
const VERSION_1: &str = "
CREATE TABLE restante_clock(
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL,
    version INTEGER NOT NULL,
    forgotten INTEGER NOT NULL
);
INSERT INTO restante_clock VALUES (1, 0, 0, 0);

CREATE TABLE restante_users(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT UNIQUE,
    joined INTEGER,
    read_through INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE restante_messages(
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    level INTEGER NOT NULL,
    text TEXT NOT NULL,
    tags TEXT NOT NULL,
    url TEXT,
    data TEXT,
    sent_at INTEGER NOT NULL,
    inbox_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    retracted_at INTEGER,
    total INTEGER NOT NULL,
    recipients BLOB,
    gone_delivered INTEGER NOT NULL DEFAULT 0,
    gone_read INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX restante_messages_expiry ON restante_messages(expires_at);
CREATE INDEX restante_messages_sender ON restante_messages(sender, id);

CREATE TABLE restante_broadcasts(
    position INTEGER PRIMARY KEY,
    until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    newcomers INTEGER NOT NULL
);

CREATE TABLE restante_deliveries(
    user_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    position INTEGER NOT NULL,
    until INTEGER NOT NULL,
    at INTEGER,
    PRIMARY KEY (user_id, state, position)
) WITHOUT ROWID;

CREATE TABLE restante_seen(
    user_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state INTEGER NOT NULL,
    at INTEGER,
    PRIMARY KEY (user_id, position)
) WITHOUT ROWID;
CREATE INDEX restante_seen_position ON restante_seen(position);

CREATE TABLE restante_marks(
    user_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, position)
) WITHOUT ROWID;

CREATE TABLE restante_parts(
    message INTEGER NOT NULL,
    part INTEGER NOT NULL,
    position INTEGER UNIQUE,
    users BLOB NOT NULL,
    PRIMARY KEY (message, part)
);
CREATE INDEX restante_parts_waiting ON restante_parts(message, part) WHERE position IS NULL;

CREATE TABLE restante_retracting(position INTEGER PRIMARY KEY);

CREATE TABLE restante_keys(
    sender TEXT NOT NULL,
    key TEXT NOT NULL,
    hash BLOB NOT NULL,
    message INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (sender, key)
) WITHOUT ROWID;
CREATE INDEX restante_keys_age ON restante_keys(at);

CREATE TABLE restante_outbox(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT NOT NULL,
    level INTEGER NOT NULL DEFAULT 20,
    message TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '',
    url TEXT,
    data TEXT,
    expires_at INTEGER,
    key TEXT,
    error TEXT,
    refused_at INTEGER
);
CREATE INDEX restante_outbox_fresh ON restante_outbox(id) WHERE error IS NULL;
CREATE INDEX restante_outbox_refused ON restante_outbox(refused_at) WHERE error IS NOT NULL;

CREATE TABLE restante_secrets(name TEXT PRIMARY KEY, secret BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE restante_api_keys(
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
);
CREATE TABLE restante_ended_tokens(key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE restante_followers(
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    holder TEXT,
    until INTEGER NOT NULL
);
CREATE TABLE restante_days(
    day INTEGER PRIMARY KEY,
    sent INTEGER NOT NULL DEFAULT 0,
    read INTEGER NOT NULL DEFAULT 0,
    read_all INTEGER NOT NULL DEFAULT 0
);
";

/// What works once and was used, until it would have ended anyway.
const VERSION_2: &str = "
CREATE TABLE restante_used_once(id BLOB PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX restante_used_once_age ON restante_used_once(until);
";

/// Brings the tables up to date. Any number of processes may do so at once: the look and the change
/// are one transaction that holds the write lock from its first statement.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    use_wal(connection)?;
    let newest = MIGRATIONS.len();
    // Most opens find the tables as they should be and need no lock.
    if version(connection).map_err(error)? == newest {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let found = version(&transaction).map_err(error)?;
    if found > newest {
        return Err(Error::internal(
            NAME,
            format!(
                "the tables are of version {found}, this program knows up to {newest}: use a newer \
                 one"
            ),
        ));
    }
    for (number, statements) in MIGRATIONS.iter().enumerate().skip(found) {
        transaction.execute_batch(statements).map_err(error)?;
        tracing::info!(version = number + 1, "tables brought up to date");
    }
    transaction
        .execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS restante_schema(version INTEGER NOT NULL);
             DELETE FROM restante_schema; INSERT INTO restante_schema VALUES ({newest});"
        ))
        .map_err(error)?;
    transaction.commit().map_err(error)
}

/// 0 when there are no tables yet.
fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let has_schema = "SELECT 1 FROM sqlite_schema WHERE type='table' AND name='restante_schema'";
    if connection.query_row(has_schema, [], |_| Ok(())).optional()?.is_none() {
        return Ok(0);
    }
    let version: i64 =
        connection.query_row("SELECT version FROM restante_schema", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Changing the journal mode does not wait for others by itself, unlike every other statement.
fn use_wal(connection: &Connection) -> Result<(), Error> {
    let mut tries = 0;
    loop {
        let change =
            connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get::<_, String>(0));
        match change {
            Ok(mode) if mode == "wal" => return Ok(()),
            // A file system without shared memory, or a database that lives in memory.
            Ok(_) => {
                return Err(Error::internal(
                    NAME,
                    "the file cannot be in WAL mode here; put it on a local disk",
                ));
            }
            Err(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == rusqlite::ErrorCode::DatabaseBusy && tries < 1_000 =>
            {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            Err(failure) => return Err(error(failure)),
        }
    }
}

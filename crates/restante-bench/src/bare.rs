//! The baselines' side: rusqlite as one would use it by hand, on the same tables, with the
//! settings of the store's own connections.

use std::path::Path;

use rusqlite::Connection;

use crate::Result;

pub(crate) fn open(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(
        "PRAGMA synchronous=FULL; PRAGMA mmap_size=1073741824; PRAGMA cache_size=-16384;
         PRAGMA wal_autocheckpoint=16000; PRAGMA temp_store=MEMORY;",
    )?;
    Ok(connection)
}

/// Makes users known, in one transaction: a setup, not a measurement.
pub(crate) fn add_users(connection: &Connection, users: usize) -> Result<()> {
    connection.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1 - 1)
         INSERT INTO restante_users(key) SELECT 'user-' || n FROM numbers",
        [i64::try_from(users)?],
    )?;
    Ok(())
}

/// Moves the log into the file, so that what is measured next does not pay for the setup.
pub(crate) fn settle(connection: &Connection) -> Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Takes a position inside the transaction that uses it.
pub(crate) fn take_position(connection: &Connection) -> Result<i64> {
    Ok(connection
        .prepare_cached("UPDATE restante_clock SET last = last + 2 RETURNING last")?
        .query_row([], |row| row.get(0))?)
}

/// The internal id behind a user's key.
pub(crate) fn user_id(connection: &Connection, key: &str) -> Result<i64> {
    Ok(connection
        .prepare_cached("SELECT id FROM restante_users WHERE key = ?1")?
        .query_row([key], |row| row.get(0))?)
}

pub(crate) fn insert_message(
    connection: &Connection,
    id: i64,
    text: &str,
    url: &str,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO restante_messages(id, sender, level, text, tags, url, sent_at, inbox_until,
                                           expires_at, total, recipients)
             VALUES (?1, 'bench', 20, ?2, 'orders', ?3, 0, 253402300799000, 253402300799000, 1, x'01')",
        )?
        .execute((id, text, url))?;
    Ok(())
}

pub(crate) fn insert_delivery(connection: &Connection, user: i64, position: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO restante_deliveries(user_id, state, position, until)
             VALUES (?1, 1, ?2, 1900000000)",
        )?
        .execute((user, position))?;
    Ok(())
}

/// Runs `work` in one transaction that takes the write lock at once.
pub(crate) fn transaction<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = work()?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(done)
}

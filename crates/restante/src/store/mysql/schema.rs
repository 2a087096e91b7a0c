//! The tables, and bringing a database up to date.

use super::NAME;
use super::failure::error;
use super::session::{Session, get};
use super::sql::{Value, sql};
use crate::Error;

/// Each entry brings the tables from the version before to its own: the first to version 1. Entries
/// are never changed once released, and each of their statements can be done again.
const MIGRATIONS: [&str; 1] = [include_str!("schema/1.sql")];

/// A lock of the server, so the database's name is part of it, at a length that fits. It ends with
/// the connection at the latest.
const LOCK: &str = "SELECT GET_LOCK(CONCAT('restante ', MD5(DATABASE())), 15)";
const UNLOCK: &str = "DO RELEASE_LOCK(CONCAT('restante ', MD5(DATABASE())))";
const IS_THERE: &str = "
    SELECT 1 FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name = 'restante_schema'";
const PUT_VERSION: &str = "
    CREATE TABLE IF NOT EXISTS restante_schema(
        one TINYINT NOT NULL PRIMARY KEY, version INT NOT NULL
    ) ENGINE=InnoDB;
    INSERT INTO restante_schema VALUES (1, ?) ON DUPLICATE KEY UPDATE version = VALUES(version)";

/// Brings the tables up to date. Any number of processes may do so at once: one at a time does, under
/// a lock. A change of tables commits by itself here, so the version is written last: whoever finds
/// an older one does all of it again.
pub(super) async fn migrate(session: &Session) -> Result<(), Error> {
    let newest = MIGRATIONS.len();
    // Most starts find the tables as they should be and need no lock.
    if version(session).await? == newest {
        return Ok(());
    }
    let lock = session.row(LOCK, &[]).await.map_err(error)?;
    let has_lock: Option<i64> = lock.map_or(Ok(None), |row| get(&row, 0)).map_err(error)?;
    if has_lock != Some(1) {
        return Err(Error::transient(NAME, "another process is changing the tables; try again"));
    }
    let migrated = migrate_locked(session, newest).await;
    let unlocked = session.ask(&sql(UNLOCK, &[])).await.map_err(error);
    migrated.and(unlocked.map(|_| ()))
}

async fn migrate_locked(session: &Session, newest: usize) -> Result<(), Error> {
    let found = version(session).await?;
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
        session.ask(&sql(statements.trim_end().trim_end_matches(';'), &[])).await.map_err(error)?;
        tracing::info!(version = number + 1, "tables brought up to date");
    }
    let newest = Value::Number(i64::try_from(newest).unwrap_or(i64::MAX));
    session.ask(&sql(PUT_VERSION, &[newest])).await.map_err(error).map(|_| ())
}

/// 0 when there are no tables yet.
async fn version(session: &Session) -> Result<usize, Error> {
    if !session.has(IS_THERE, &[]).await.map_err(error)? {
        return Ok(0);
    }
    let row = session.row("SELECT version FROM restante_schema", &[]).await.map_err(error)?;
    let version: i64 = row.map_or(Ok(0), |row| get(&row, 0)).map_err(error)?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

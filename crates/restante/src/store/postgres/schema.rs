//! The tables, and bringing a database up to date.

use tokio_postgres::Row;

use super::NAME;
use super::failure::error;
use super::session::Session;
use crate::Error;

/// Each entry brings the tables from the version before to its own: the first to version 1. Entries
/// are never changed once released.
const MIGRATIONS: [&str; 2] = [include_str!("schema/1.sql"), THE_FUNCTION_ALONE];

/// The function that reads a page is not part of an entry: it is there once, as it is now, and made
/// again with each version. Whoever changes it adds an entry, if only this one.
const PAGE: &str = include_str!("schema/page.sql");
const THE_FUNCTION_ALONE: &str = "";

/// A number of our own for the lock under which tables are changed. It is taken together with the
/// schema, so that two apps in two schemas of one database do not wait for each other for long.
const LOCK: &str = "SELECT pg_advisory_xact_lock(20250101, hashtext(current_schema()))";

/// Looks into the catalogue itself: `to_regclass` may remember from before the lock that there was no
/// such table, since waiting for a lock of our own does not make a session look again.
const IS_THERE: &str = "
    SELECT EXISTS (
        SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relname = 'restante_schema' AND n.nspname = ANY (current_schemas(false)))";

/// Brings the tables up to date. Any number of processes may do so at once: the look and the change
/// are one transaction under a lock, which a pooler in transaction mode lets through.
pub(super) async fn migrate(session: &Session) -> Result<(), Error> {
    let newest = MIGRATIONS.len();
    // Most starts find the tables as they should be and need no lock.
    if version(session).await? == newest {
        return Ok(());
    }
    let encoding: String = session
        .query_one("SELECT current_setting('server_encoding')", &[])
        .await
        .and_then(|row| row.try_get(0))
        .map_err(error)?;
    if encoding != "UTF8" {
        return Err(Error::internal(
            NAME,
            format!("the database's encoding is {encoding}, not UTF8"),
        ));
    }
    session.batch("BEGIN ISOLATION LEVEL READ COMMITTED").await.map_err(error)?;
    let migrated = migrate_locked(session, newest).await;
    let end = if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = session.batch(end).await.map_err(error);
    migrated.and(ended)
}

async fn migrate_locked(session: &Session, newest: usize) -> Result<(), Error> {
    session.query_one(LOCK, &[]).await.map_err(error)?;
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
        session.batch(statements).await.map_err(error)?;
        tracing::info!(version = number + 1, "tables brought up to date");
    }
    session.batch(PAGE).await.map_err(error)?;
    session
        .batch(&format!(
            "CREATE TABLE IF NOT EXISTS restante_schema(version integer NOT NULL);
             DELETE FROM restante_schema; INSERT INTO restante_schema VALUES ({newest});"
        ))
        .await
        .map_err(error)
}

/// 0 when there are no tables yet.
async fn version(session: &Session) -> Result<usize, Error> {
    let is_there: bool =
        session.query_one(IS_THERE, &[]).await.and_then(|row| row.try_get(0)).map_err(error)?;
    if !is_there {
        return Ok(0);
    }
    let number = |row: Row| row.try_get::<_, i32>(0);
    let version = session
        .query_one("SELECT version FROM restante_schema", &[])
        .await
        .and_then(number)
        .map_err(error)?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

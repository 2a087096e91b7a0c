//! The outbox by rusqlite, which waits where it is called.

use rusqlite::Connection;

use crate::store::OutboxRow;
use crate::store::sqlite::error;
use crate::{Error, Message, To};

const LEAVE: &str = "
    INSERT INTO restante_outbox(recipient, level, message, tags, url, data, expires_at, key)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// [`send_in`](super::send_in) for rusqlite, whose transactions stay on one thread: no future can
/// hold one.
///
/// A transaction derefs to its connection, and so a reference to it is one.
///
/// ```
/// use restante::outbox::send_in_sync;
/// use restante::{Message, SqliteStore, Store};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("app.db");
/// let store = SqliteStore::open(&file).await?;
/// let mut app = rusqlite::Connection::open(&file)?;
/// # app.execute_batch("CREATE TABLE orders(id INTEGER PRIMARY KEY, paid INTEGER)")?;
///
/// let tx = app.transaction()?;
/// tx.execute("UPDATE orders SET paid = 1 WHERE id = 7", ())?;
/// send_in_sync(&tx, Message::success("Paid").url("/orders/7"), "alice")?;
/// tx.commit()?;
///
/// let restante = restante::Restante::new(store);
/// restante.relay().await?;
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 1);
/// # Ok(()) }
/// ```
///
/// # Errors
/// As for [`send_in`](super::send_in).
pub fn send_in_sync(
    tx: &Connection,
    message: impl Into<Message>,
    to: impl Into<To>,
) -> Result<(), Error> {
    leave(tx, &super::rows(message, to)?).map_err(error)
}

fn leave(tx: &Connection, rows: &[OutboxRow]) -> rusqlite::Result<()> {
    let mut new = tx.prepare_cached(LEAVE)?;
    for row in rows {
        let OutboxRow { recipient, level, message, tags, url, data, expires_at, key } = row;
        new.execute((recipient, level, message, tags, url, data, expires_at, key))?;
    }
    Ok(())
}

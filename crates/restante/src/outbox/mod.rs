//! Messages inside the app's own transaction.
//!
//! What [`send_in`] leaves is a row of `restante_outbox`, written in the transaction that it is
//! given: when that commits, the message is sent within some tenths of a second by whichever server
//! runs on the database, once and in order; when it is rolled back, nobody ever sees it. Nothing is
//! locked that other senders need.
//!
//! The transaction is one of tokio-postgres (feature `postgres`) or sqlx (`sqlx-postgres`,
//! `sqlx-mysql`); [`send_in_sync`] is the same for rusqlite (`sqlite`), and [`rows`] is for any other
//! driver. A connection without a transaction does as well: then the message is left at once.
//!
//! ```no_run
//! # #[cfg(feature = "postgres")]
//! # async fn example(client: &mut tokio_postgres::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use restante::Message;
//! use restante::outbox::send_in;
//!
//! let mut tx = client.transaction().await?;
//! tx.execute("UPDATE orders SET paid = true WHERE id = 7", &[]).await?;
//! send_in(&mut tx, Message::success("Paid").url("/orders/7"), "alice").await?;
//! tx.commit().await?;
//! # Ok(()) }
//! ```
//!
//! With sqlx, by the transaction or by the connection beneath it:
//!
//! ```no_run
//! # #[cfg(feature = "sqlx-postgres")]
//! # async fn example(pool: &sqlx::PgPool) -> Result<(), Box<dyn std::error::Error>> {
//! use restante::Message;
//! use restante::outbox::send_in;
//!
//! let mut tx = pool.begin().await?;
//! sqlx::query("UPDATE orders SET paid = true WHERE id = 7").execute(&mut *tx).await?;
//! send_in(&mut tx, Message::success("Paid").url("/orders/7"), "alice").await?;
//! send_in(&mut *tx, Message::info("Order 7 is paid"), ["bob", "carol"]).await?;
//! tx.commit().await?;
//! # Ok(()) }
//! ```
//!
//! With `mysql_async`, by a transaction or by a connection on which the app says `BEGIN` itself:
//!
//! ```no_run
//! # #[cfg(feature = "mysql")]
//! # async fn example(pool: &mysql_async::Pool) -> Result<(), Box<dyn std::error::Error>> {
//! use mysql_async::TxOpts;
//! use mysql_async::prelude::Queryable;
//! use restante::Message;
//! use restante::outbox::send_in;
//!
//! let mut tx = pool.start_transaction(TxOpts::default()).await?;
//! tx.query_drop("UPDATE orders SET paid = true WHERE id = 7").await?;
//! send_in(&mut tx, Message::success("Paid").url("/orders/7"), "alice").await?;
//! tx.commit().await?;
//! # Ok(()) }
//! ```

#[cfg(any(feature = "postgres", feature = "sqlx-postgres"))]
mod columns;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
mod sqlx_failure;
#[cfg(feature = "sqlx-mysql")]
mod sqlx_mysql;
#[cfg(feature = "sqlx-postgres")]
mod sqlx_postgres;

#[cfg(feature = "sqlite")]
pub use sqlite::send_in_sync;

use std::time::SystemTime;

use async_trait::async_trait;

use crate::clock::to_millis;
use crate::store::{NewMessage, OutboxRow};
use crate::{Error, Expires, Message, To, UserId};

/// A transaction, or a connection, into whose database rows of the outbox can be written.
#[async_trait]
pub trait Outbox: Send {
    /// Writes rows, in this order.
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error>;
}

/// Leaves a message in the outbox, as part of a transaction.
///
/// A list becomes one message for each of its users.
///
/// # Errors
/// `Invalid` or `TooLarge` with the field named, before anything is written; `Transient` or
/// `Internal` from the database, after which the transaction can only be rolled back.
pub async fn send_in(
    tx: &mut (impl Outbox + ?Sized),
    message: impl Into<Message> + Send,
    to: impl Into<To> + Send,
) -> Result<(), Error> {
    let rows = rows(message, to)?;
    tx.leave(&rows).await
}

/// The rows that [`send_in`] writes, for a driver of which this crate knows nothing: each is an
/// `INSERT INTO restante_outbox(recipient, level, message, tags, url, data, expires_at)`.
///
/// ```
/// use restante::{Message, outbox};
///
/// let rows = outbox::rows(Message::info("Paid").tag("order"), ["alice", "bob"])?;
/// assert_eq!(rows.len(), 2);
/// assert_eq!((rows[0].recipient.as_str(), rows[0].tags.as_str()), ("alice", "order"));
/// # Ok::<_, restante::Error>(())
/// ```
///
/// # Errors
/// `Invalid` or `TooLarge` with the field named.
pub fn rows(message: impl Into<Message>, to: impl Into<To>) -> Result<Vec<OutboxRow>, Error> {
    let (message, now) = (message.into().check()?, SystemTime::now());
    let expires_at = match message.expires() {
        Expires::Default => None,
        Expires::Never => Some(NewMessage::never()),
        // From now on: the transaction may take its time.
        Expires::In(after) => Some(now.checked_add(after).unwrap_or_else(NewMessage::never)),
        Expires::At(time) => Some(time),
    };
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Error::invalid("expires", "must be in the future"));
    }
    let row = |recipient: &str| OutboxRow {
        level: i64::from(message.level().value()),
        tags: message.extra_tags().to_owned(),
        url: message.link().map(str::to_owned),
        data: message.raw_data().map(|data| data.get().to_owned()),
        expires_at: expires_at.map(to_millis),
        ..OutboxRow::new(recipient, message.text())
    };
    Ok(match to.into().resolve()? {
        Some(users) => users.as_slice().iter().map(UserId::as_str).map(row).collect(),
        None => vec![row("*")],
    })
}

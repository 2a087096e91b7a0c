//! Messages' rows: reading one, and finding the one that an item belongs to.

use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::clock::from_millis;
use crate::store::shared_view::Body;
use crate::store::{NewMessage, SentMessage};
use crate::{Level, Message, MessageId};

/// The columns that [`body`] reads.
pub(super) const BODY_COLUMNS: &str =
    "m.level, m.text, m.tags, m.url, m.data, m.sent_at, m.expires_at, m.retracted_at";

/// A body from [`BODY_COLUMNS`], from `first` on.
pub(super) fn body(row: &Row<'_>, first: usize) -> rusqlite::Result<Body> {
    Ok(Body {
        message: Arc::new(message(row, first)?),
        sent_at: row.get(first + 5)?,
        expires_at: row.get(first + 6)?,
        is_retracted: row.get::<_, Option<i64>>(first + 7)?.is_some(),
    })
}

/// The same of an outer join: `None` when no message matched.
pub(super) fn joined_body(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Body>> {
    match row.get_ref(first)? {
        ValueRef::Null => Ok(None),
        _ => body(row, first).map(Some),
    }
}

fn message(row: &Row<'_>, first: usize) -> rusqlite::Result<Message> {
    Ok(Message::from_stored(
        Level::new(row.get(first)?),
        row.get::<_, String>(first + 1)?,
        row.get::<_, String>(first + 2)?,
        row.get(first + 3)?,
        row.get(first + 4)?,
    ))
}

/// The body of the message with this id.
pub(super) fn find_body(conn: &Connection, id: i64) -> rusqlite::Result<Option<Body>> {
    conn.prepare_cached(
        "SELECT m.level, m.text, m.tags, m.url, m.data, m.sent_at, m.expires_at, m.retracted_at
         FROM restante_messages m WHERE m.id = ?1",
    )?
    .query_row([id], |row| body(row, 0))
    .optional()
}

/// The message of a long list one of whose parts has this position.
pub(super) fn of_part(conn: &Connection, position: i64) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT message FROM restante_parts WHERE position = ?1")?
        .query_row([position], |row| row.get(0))
        .optional()
}

/// When the message of a personal item expires; `None` when it is gone, expired or retracted.
pub(super) fn live_until(
    conn: &Connection,
    position: i64,
    now: i64,
) -> rusqlite::Result<Option<i64>> {
    let expiry = |id: i64| {
        conn.prepare_cached(
            "SELECT expires_at FROM restante_messages
             WHERE id = ?1 AND expires_at > ?2 AND retracted_at IS NULL",
        )?
        .query_row((id, now), |row| row.get(0))
        .optional()
    };
    match expiry(position)? {
        Some(expires_at) => Ok(Some(expires_at)),
        None => match of_part(conn, position)? {
            Some(message) => expiry(message),
            None => Ok(None),
        },
    }
}

/// What senders see of a message, with its figures.
#[derive(Debug)]
pub(super) struct SentRow {
    pub(super) sent: SentMessage,
    pub(super) inbox_until: i64,
    pub(super) recipients: Option<Vec<u8>>,
    pub(super) gone_delivered: u64,
    pub(super) gone_read: u64,
}

/// The columns that [`sent_row`] reads.
pub(super) const SENT_COLUMNS: &str = "m.level, m.text, m.tags, m.url, m.data, m.sent_at, \
     m.expires_at, m.retracted_at, m.id, m.sender, m.total, m.inbox_until, m.recipients, \
     m.gone_delivered, m.gone_read";

/// A row from [`SENT_COLUMNS`].
pub(super) fn sent_row(row: &Row<'_>) -> rusqlite::Result<SentRow> {
    let id = MessageId::new(row.get(8)?);
    let count = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(SentRow {
        sent: SentMessage {
            id,
            sender: row.get(9)?,
            message: Arc::new(message(row, 0)?),
            date: from_millis(row.get(5)?),
            expires_at: NewMessage::shown_expiry(from_millis(row.get(6)?)),
            retracted_at: row.get::<_, Option<i64>>(7)?.map(from_millis),
            recipients: if id.is_broadcast() { None } else { Some(count(10)?) },
        },
        inbox_until: row.get(11)?,
        recipients: row.get(12)?,
        gone_delivered: count(13)?,
        gone_read: count(14)?,
    })
}

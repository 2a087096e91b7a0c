//! The senders' side: what was sent, and what became of it.

use rusqlite::{Connection, OptionalExtension};

use super::messages::{self, SENT_COLUMNS, SentRow};
use super::rows;
use super::users;
use crate::clock::to_millis;
use crate::store::state::is_eligible;
use crate::store::user_list;
use crate::store::user_view::UserRow;
use crate::store::{Receipts, SentFilter, SentPage};
use crate::{MessageId, store::NewMessage};

pub(super) fn sent(conn: &Connection, now: i64, filter: &SentFilter) -> rusqlite::Result<SentPage> {
    let below = filter.after.map_or(i64::MAX, MessageId::value);
    let wanted = filter.limit + 1;
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    let mut messages = Vec::with_capacity(wanted);
    if let Some(sender) = &filter.sender {
        let mut select = conn.prepare_cached(&format!(
            "SELECT {SENT_COLUMNS} FROM restante_messages m
             WHERE m.sender = ?4 AND m.id < ?1 AND m.expires_at > ?2 ORDER BY m.id DESC LIMIT ?3"
        ))?;
        let rows = select.query_map((below, now, limit, sender), messages::sent_row)?;
        for row in rows {
            messages.push(row?.sent);
        }
    } else {
        // The unary plus keeps SQLite from walking the expiry index and sorting.
        let mut select = conn.prepare_cached(&format!(
            "SELECT {SENT_COLUMNS} FROM restante_messages m
             WHERE m.id < ?1 AND +m.expires_at > ?2 ORDER BY m.id DESC LIMIT ?3"
        ))?;
        let rows = select.query_map((below, now, limit), messages::sent_row)?;
        for row in rows {
            messages.push(row?.sent);
        }
    }
    let has_more = messages.len() == wanted;
    messages.truncate(filter.limit);
    let next = if has_more { messages.last().map(|message| message.id) } else { None };
    Ok(SentPage { messages, next })
}

pub(super) fn receipts(
    conn: &Connection,
    now: i64,
    id: MessageId,
    sender: Option<&str>,
) -> rusqlite::Result<Option<Receipts>> {
    let found = conn
        .prepare_cached(&format!(
            "SELECT {SENT_COLUMNS} FROM restante_messages m WHERE m.id = ?1 AND m.expires_at > ?2"
        ))?
        .query_row((id.value(), now), messages::sent_row)
        .optional()?;
    let is_theirs = |row: &SentRow| sender.is_none_or(|sender| sender == row.sent.sender);
    let Some(row) = found.filter(is_theirs) else {
        return Ok(None);
    };
    if row.sent.retracted_at.is_some() {
        let delivered = row.sent.recipients.map(|_| 0);
        return Ok(Some(Receipts { sent: row.sent, delivered, read: 0 }));
    }
    if id.is_broadcast() {
        let read = row.gone_read + broadcast_readers(conn, &row)?;
        return Ok(Some(Receipts { sent: row.sent, delivered: None, read }));
    }
    let (mut delivered, mut read) = (row.gone_delivered, row.gone_read);
    for (position, users) in lists(conn, &row)? {
        for user in users {
            if let Some(is_read) = delivery(conn, user, position)? {
                delivered += 1;
                read += u64::from(is_read);
            }
        }
    }
    Ok(Some(Receipts { sent: row.sent, delivered: Some(delivered), read }))
}

/// Where the items of a message are, and whose: the message's own list, or its delivered parts.
fn lists(conn: &Connection, row: &SentRow) -> rusqlite::Result<Vec<(i64, Vec<i64>)>> {
    let id = row.sent.id.value();
    if let Some(blob) = &row.recipients {
        return Ok(vec![(id, user_list::decode(blob))]);
    }
    let mut select = conn.prepare_cached(
        "SELECT position, users FROM restante_parts WHERE message = ?1 AND position IS NOT NULL",
    )?;
    let parts = select
        .query_map([id], |row| Ok((row.get(0)?, user_list::decode(&row.get::<_, Vec<u8>>(1)?))))?;
    parts.collect()
}

/// Whether a user read a personal item; `None` when there is none.
fn delivery(conn: &Connection, user: i64, position: i64) -> rusqlite::Result<Option<bool>> {
    let Some(row) = rows::find_delivery(conn, user, position)? else {
        return Ok(None);
    };
    let user = by_id(conn, user)?;
    Ok(Some(rows::read_at(conn, &user, &row)?.is_some()))
}

fn by_id(conn: &Connection, user: i64) -> rusqlite::Result<UserRow> {
    conn.prepare_cached("SELECT id, joined, read_through FROM restante_users WHERE id = ?1")?
        .query_row([user], |row| users::from_row(row, 0))
}

/// Readers of a broadcast: users with a state of their own, and those whose watermark passed it.
/// Looks at every known user.
fn broadcast_readers(conn: &Connection, row: &SentRow) -> rusqlite::Result<u64> {
    let position = row.sent.id.value();
    let expires_at = row.sent.expires_at.unwrap_or_else(NewMessage::never);
    let (expires_at, sent_at) = (to_millis(expires_at), to_millis(row.sent.date));
    let newcomers: bool = conn
        .prepare_cached("SELECT newcomers FROM restante_broadcasts WHERE position = ?1")?
        .query_row([position], |row| row.get(0))?;
    let mut select = conn.prepare_cached(
        "SELECT u.id, u.joined, u.read_through FROM restante_users u WHERE u.read_through >= ?1
         UNION
         SELECT u.id, u.joined, u.read_through FROM restante_seen s
         JOIN restante_users u ON u.id = s.user_id WHERE s.position = ?1",
    )?;
    let candidates = select.query_map([position], |row| users::from_row(row, 0))?;
    let mut readers = 0;
    for user in candidates {
        let user = user?;
        let own = rows::find_seen(conn, user.id, position, row.inbox_until, expires_at)?;
        let has_read = rows::read_at(conn, &user, &own)?.is_some();
        readers += u64::from(has_read && is_eligible(newcomers, sent_at, user.joined));
    }
    Ok(readers)
}

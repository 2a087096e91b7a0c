//! The log that followers read: messages and parts in the order of their positions.

use rusqlite::Connection;

use super::messages::{self, SENT_COLUMNS, SentRow};
use super::users;
use crate::UserId;
use crate::store::Followed;
use crate::store::user_list;

pub(super) fn follow(
    conn: &Connection,
    now: i64,
    after: i64,
    limit: usize,
) -> rusqlite::Result<Vec<Followed>> {
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    // Short lists and broadcasts: a long list has no recipients of its own, and an even id.
    let mut select = conn.prepare_cached(&format!(
        "SELECT {SENT_COLUMNS} FROM restante_messages m
         WHERE m.id > ?1 AND (m.recipients IS NOT NULL OR m.id % 2 = 1)
         AND +m.expires_at > ?2 AND m.retracted_at IS NULL ORDER BY m.id LIMIT ?3"
    ))?;
    let whole = select.query_map((after, now, rows), |row| {
        let row = messages::sent_row(row)?;
        Ok((row.sent.id.value(), row.recipients.clone(), row))
    })?;
    let mut entries = whole.collect::<Result<Vec<_>, _>>()?;
    let mut select = conn.prepare_cached(&format!(
        "SELECT {SENT_COLUMNS}, p.position, p.users FROM restante_parts p
         JOIN restante_messages m ON m.id = p.message
         WHERE p.position > ?1 AND m.expires_at > ?2 AND m.retracted_at IS NULL
         ORDER BY p.position LIMIT ?3"
    ))?;
    let parts = select.query_map((after, now, rows), |row| {
        Ok((row.get(15)?, Some(row.get(16)?), messages::sent_row(row)?))
    })?;
    for part in parts {
        entries.push(part?);
    }
    entries.sort_unstable_by_key(|(position, ..)| *position);
    entries.truncate(limit);
    entries.into_iter().map(|(position, list, row)| followed(conn, position, list, row)).collect()
}

fn followed(
    conn: &Connection,
    position: i64,
    list: Option<Vec<u8>>,
    row: SentRow,
) -> rusqlite::Result<Followed> {
    let users = match list {
        Some(list) if !row.sent.id.is_broadcast() => Some(names(conn, &list)?),
        _ => None,
    };
    let sent = row.sent;
    Ok(Followed {
        position,
        id: sent.id,
        sender: sent.sender,
        message: sent.message,
        date: sent.date,
        users,
    })
}

/// The users of a list, without those forgotten since.
fn names(conn: &Connection, list: &[u8]) -> rusqlite::Result<Vec<UserId>> {
    let ids = user_list::decode(list);
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        names.extend(users::key(conn, id)?);
    }
    names.sort_unstable();
    Ok(names)
}

//! Users' internal ids.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::UserId;
use crate::store::user_view::UserRow;

/// The user's row, or that of a user never heard of.
pub(super) fn find(conn: &Connection, user: &UserId) -> rusqlite::Result<UserRow> {
    let found = conn
        .prepare_cached("SELECT id, joined, read_through FROM restante_users WHERE key = ?1")?
        .query_row([user.as_str()], |row| from_row(row, 0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Reads `id, joined, read_through` from these columns on.
pub(super) fn from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        id: row.get(first)?,
        joined: row.get(first + 1)?,
        read_through: row.get(first + 2)?,
    })
}

/// The user's internal id, if there is one.
pub(super) fn find_id(conn: &Connection, user: &UserId) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT id FROM restante_users WHERE key = ?1")?
        .query_row([user.as_str()], |row| row.get(0))
        .optional()
}

/// The user's internal id, made if there is none.
pub(super) fn id(conn: &Connection, user: &UserId) -> rusqlite::Result<i64> {
    if let Some(id) = find_id(conn, user)? {
        return Ok(id);
    }
    conn.prepare_cached("INSERT INTO restante_users(key) VALUES (?1)")?.insert([user.as_str()])
}

/// The user behind an internal id, unless forgotten.
pub(super) fn key(conn: &Connection, id: i64) -> rusqlite::Result<Option<UserId>> {
    let key: Option<Option<String>> = conn
        .prepare_cached("SELECT key FROM restante_users WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    // A key in the table has been checked when it was put there.
    Ok(key.flatten().and_then(|key| UserId::new(key).ok()))
}

//! The outbox: messages that any program left with an INSERT in its own transaction.

use std::sync::Arc;
use std::time::SystemTime;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::sending::{self, Audience};
use super::tx::Tx;
use crate::clock::to_millis;
use crate::store::{Expiry, NewMessage, OutboxRow, Relayed, RelayedMessage, Sent};
use crate::{Error, UserId};

/// Whether anything waits in the outbox.
pub(super) fn has_fresh(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM restante_outbox WHERE error IS NULL LIMIT 1")?.exists([])
}

/// Sends up to `limit` rows in the order of their ids. Each leaves the outbox in the transaction
/// that sends it; one that breaks a rule stays with its error.
pub(super) fn relay(
    tx: &mut Tx<'_>,
    now: SystemTime,
    expiry: Expiry,
    limit: usize,
) -> rusqlite::Result<Relayed> {
    let fresh = fresh_rows(tx.conn, limit)?;
    let mut relayed = Relayed { more: fresh.len() == limit, ..Relayed::default() };
    for (outbox_id, row) in fresh {
        let prepared = row.and_then(|row| row.prepare(now, expiry));
        let sent = match &prepared {
            Ok((message, user)) => send(tx, now, message, user.as_ref())?,
            Err(_) => Err(Error::not_found("")),
        };
        match (prepared, sent) {
            (Ok((message, user)), Ok(sent)) => {
                tx.conn
                    .prepare_cached("DELETE FROM restante_outbox WHERE id = ?1")?
                    .execute([outbox_id])?;
                let message = Arc::clone(message.message());
                relayed.messages.push(RelayedMessage { outbox_id, sent, user, message });
            }
            (Err(error), _) | (Ok(_), Err(error)) => {
                refuse(tx.conn, outbox_id, &error, to_millis(now))?;
                relayed.refused += 1;
            }
        }
    }
    Ok(relayed)
}

fn send(
    tx: &mut Tx<'_>,
    now: SystemTime,
    message: &NewMessage,
    user: Option<&UserId>,
) -> rusqlite::Result<Result<Sent, Error>> {
    let audience = match user {
        Some(user) => Audience::Short(std::slice::from_ref(user)),
        None => Audience::Everyone { newcomers: false },
    };
    sending::send(tx, to_millis(now), message, &audience)
}

fn refuse(conn: &Connection, outbox_id: i64, error: &Error, now: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE restante_outbox SET error = ?2, refused_at = ?3 WHERE id = ?1")?
        .execute((outbox_id, error.to_string(), now))?;
    Ok(())
}

type Fresh = Vec<(i64, Result<OutboxRow, Error>)>;

fn fresh_rows(conn: &Connection, limit: usize) -> rusqlite::Result<Fresh> {
    let mut select = conn.prepare_cached(
        "SELECT id, recipient, message, level, tags, url, data, expires_at, key
         FROM restante_outbox WHERE error IS NULL ORDER BY id LIMIT ?1",
    )?;
    let rows = select.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok((row.get(0)?, outbox_row(row)?))
    })?;
    rows.collect()
}

/// SQLite keeps what it is given, whatever the column says: anything may be in here, text that is
/// not UTF-8 too. Such a row is refused like any other; failing on it would hold up all others.
fn outbox_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<OutboxRow, Error>> {
    let value = |column| row.get_ref(column);
    let [recipient, message, level, tags] = [value(1)?, value(2)?, value(3)?, value(4)?];
    let [url, data, expires_at, key] = [value(5)?, value(6)?, value(7)?, value(8)?];
    Ok((|| {
        Ok(OutboxRow {
            recipient: text("recipient", recipient)?.unwrap_or_default(),
            message: text("message", message)?.unwrap_or_default(),
            level: number("level", level)?.unwrap_or_default(),
            tags: text("tags", tags)?.unwrap_or_default(),
            url: text("url", url)?,
            data: text("data", data)?,
            expires_at: number("expires_at", expires_at)?,
            key: text("key", key)?,
        })
    })())
}

fn text(field: &'static str, value: ValueRef<'_>) -> Result<Option<String>, Error> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(error) => Err(Error::invalid(field, "must be UTF-8").with_source(error)),
        },
        ValueRef::Integer(number) => Ok(Some(number.to_string())),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(Error::invalid(field, "must be text")),
    }
}

fn number(field: &'static str, value: ValueRef<'_>) -> Result<Option<i64>, Error> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number)),
        ValueRef::Text(_) | ValueRef::Real(_) | ValueRef::Blob(_) => {
            Err(Error::invalid(field, "must be an integer"))
        }
    }
}

/// The texts that wait or were refused for a user. Whatever a program left is handed out as text.
pub(super) fn texts_of(conn: &Connection, user: &UserId) -> rusqlite::Result<Vec<String>> {
    let mut select = conn
        .prepare_cached("SELECT message FROM restante_outbox WHERE recipient = ?1 ORDER BY id")?;
    let texts = select.query_map([user.as_str()], |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Null => String::new(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                String::from_utf8_lossy(bytes).into_owned()
            }
        })
    })?;
    texts.collect()
}

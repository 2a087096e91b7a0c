//! A user's changes of items: one row is read, changed by the rules, and written back, inside the
//! writer's transaction.

use rusqlite::{Connection, OptionalExtension};

use super::messages;
use super::rows;
use super::tx::Tx;
use super::users;
use crate::store::state::{Row, State, is_eligible};
use crate::store::user_view::{UserRow, seen};
use crate::{AsOf, ItemId, UserId};

/// An item that the user can see now.
struct Visible {
    user: UserRow,
    row: Row,
    expires_at: i64,
}

/// The user's item, if it is there, live and not dismissed.
fn find(
    conn: &Connection,
    now: i64,
    user: &UserId,
    id: ItemId,
) -> rusqlite::Result<Option<Visible>> {
    let user = users::find(conn, user)?;
    let found = if id.is_broadcast() {
        find_broadcast(conn, now, &user, id.value())?
    } else {
        match rows::find_delivery(conn, user.id, id.value())? {
            Some(row) => messages::live_until(conn, id.value(), now)?.map(|until| (row, until)),
            None => None,
        }
    };
    Ok(found.filter(|(row, _)| row.state != State::Dismissed).map(|(row, expires_at)| Visible {
        user,
        row,
        expires_at,
    }))
}

fn find_broadcast(
    conn: &Connection,
    now: i64,
    user: &UserRow,
    position: i64,
) -> rusqlite::Result<Option<(Row, i64)>> {
    let broadcast: Option<(i64, i64, i64, bool)> = conn
        .prepare_cached(
            "SELECT until, expires_at, sent_at, newcomers FROM restante_broadcasts
             WHERE position = ?1 AND expires_at > ?2",
        )?
        .query_row((position, now), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((until, expires_at, sent_at, newcomers)) = broadcast else {
        return Ok(None);
    };
    if !is_eligible(newcomers, sent_at, user.joined) {
        return Ok(None);
    }
    let row = rows::find_seen(conn, user.id, position, until, expires_at)?;
    Ok(Some((row, expires_at)))
}

/// Writes a changed row back. A user who never had a row gets one with the first change.
fn put(conn: &Connection, user: &UserId, old: &Visible, row: &Row) -> rusqlite::Result<()> {
    if ItemId::new(row.position).is_broadcast() {
        let id = if old.user.id == 0 { users::id(conn, user)? } else { old.user.id };
        rows::put_seen(conn, id, row)
    } else {
        rows::put_delivery(conn, old.user.id, old.row.state, row)
    }
}

pub(super) fn mark_read(
    tx: &mut Tx<'_>,
    now: i64,
    user: &UserId,
    id: ItemId,
) -> rusqlite::Result<bool> {
    let Some(item) = find(tx.conn, now, user, id)? else {
        return Ok(false);
    };
    let read_at = rows::read_at(tx.conn, &item.user, &item.row)?;
    let Some(row) = item.row.marked_read(read_at, now) else {
        return Ok(false);
    };
    put(tx.conn, user, &item, &row)?;
    tx.day(now).read += 1;
    Ok(true)
}

pub(super) fn mark_unread(
    tx: &mut Tx<'_>,
    now: i64,
    user: &UserId,
    id: ItemId,
) -> rusqlite::Result<bool> {
    let Some(item) = find(tx.conn, now, user, id)? else {
        return Ok(false);
    };
    let through = item.user.read_through;
    let change = |since| item.row.marked_unread(through, now, since, item.expires_at);
    if change(0).is_none() {
        return Ok(false);
    }
    let since = tx.position(now);
    let Some(row) = change(since) else {
        return Ok(false);
    };
    put(tx.conn, user, &item, &row)?;
    Ok(true)
}

pub(super) fn dismiss(
    tx: &mut Tx<'_>,
    now: i64,
    user: &UserId,
    id: ItemId,
) -> rusqlite::Result<bool> {
    let Some(item) = find(tx.conn, now, user, id)? else {
        return Ok(false);
    };
    let read_at = rows::read_at(tx.conn, &item.user, &item.row)?;
    let Some(row) = item.row.dismissed(read_at) else {
        return Ok(false);
    };
    put(tx.conn, user, &item, &row)?;
    Ok(true)
}

pub(super) fn mark_all_read(
    tx: &mut Tx<'_>,
    now: i64,
    user: &UserId,
    as_of: AsOf,
) -> rusqlite::Result<bool> {
    let conn = tx.conn;
    let found = users::find(conn, user)?;
    // One made up must not reach items that are yet to come.
    let as_of = as_of.personal().max(as_of.broadcast()).min(newest(conn, found.id)?);
    let moves = as_of > found.read_through;
    if found.id == 0 && !moves {
        return Ok(false);
    }
    let id = if found.id == 0 { users::id(conn, user)? } else { found.id };
    if moves {
        conn.prepare_cached("UPDATE restante_users SET read_through = ?2 WHERE id = ?1")?
            .execute((id, as_of))?;
        conn.prepare_cached(
            "INSERT INTO restante_marks(user_id, position, at) VALUES (?1, ?2, ?3)",
        )?
        .execute((id, as_of, now))?;
    }
    let changed = read_kept(conn, now, id, as_of)? || moves;
    if changed {
        tx.day(now).read_all += 1;
    }
    Ok(changed)
}

/// The highest position at which something can be visible to the user now.
fn newest(conn: &Connection, user: i64) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "SELECT max(
             ifnull((SELECT max(position) FROM restante_deliveries
                     WHERE user_id = ?1 AND state = 1), 0),
             ifnull((SELECT max(at) FROM restante_deliveries
                     WHERE user_id = ?1 AND state = 2), 0),
             ifnull((SELECT max(at) FROM restante_seen WHERE user_id = ?1 AND state = 2), 0),
             ifnull((SELECT max(position) FROM restante_broadcasts), 0))",
    )?
    .query_row([user], |row| row.get(0))
}

/// Items marked unread by hand are read row by row: the watermark does not tell about them.
fn read_kept(conn: &Connection, now: i64, user: i64, as_of: i64) -> rusqlite::Result<bool> {
    let mut changed = false;
    let mut select = conn.prepare_cached(
        "SELECT state, position, until, at FROM restante_deliveries
         WHERE user_id = ?1 AND state = 2",
    )?;
    let kept = select.query_map([user], |row| rows::delivery(row, 0))?;
    for row in kept.collect::<Result<Vec<_>, _>>()? {
        if let Some(read) = row.marked_by_all(as_of, now) {
            rows::put_delivery(conn, user, row.state, &read)?;
            changed = true;
        }
    }
    let mut select = conn.prepare_cached(
        "SELECT s.position, s.at, b.until, b.expires_at
         FROM restante_seen s JOIN restante_broadcasts b ON b.position = s.position
         WHERE s.user_id = ?1 AND s.state = 2",
    )?;
    let kept = select.query_map([user], |row| {
        Ok(seen(row.get(0)?, State::Kept, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    for row in kept.collect::<Result<Vec<_>, _>>()? {
        if let Some(read) = row.marked_by_all(as_of, now) {
            rows::put_seen(conn, user, &read)?;
            changed = true;
        }
    }
    Ok(changed)
}

/// Whether the user's time of joining is known.
pub(super) fn has_joined(conn: &Connection, user: &UserId) -> rusqlite::Result<bool> {
    Ok(users::find(conn, user)?.joined.is_some())
}

pub(super) fn join(tx: &Tx<'_>, user: &UserId, joined: i64) -> rusqlite::Result<bool> {
    let id = users::id(tx.conn, user)?;
    let changed = tx
        .conn
        .prepare_cached("UPDATE restante_users SET joined = ?2 WHERE id = ?1 AND joined IS NULL")?
        .execute((id, joined))?;
    Ok(changed > 0)
}

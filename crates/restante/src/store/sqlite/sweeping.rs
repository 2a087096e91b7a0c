//! Removing what nobody can see, in bounded steps: whichever of these there is first.

use rusqlite::{Connection, OptionalExtension};

use super::sending::KEY_MILLIS;
use super::tx::Tx;
use super::{forgetting, retracting, rows};
use crate::store::Swept;
use crate::store::user_list;

/// About how many rows leave in one step, which is how long senders wait for it: some milliseconds.
const STEP: i64 = 1_000;
/// How long refused outbox rows and the end of a user's tokens are remembered: 30 days.
const KEEP_MILLIS: i64 = 30 * 86_400_000;

/// A mark that dates nothing any more: (user, position).
type Mark = (i64, i64);

/// Marks below the oldest message. Finding them may look at all marks, so readers do it, and only
/// when nothing else is left.
pub(super) fn old_marks(conn: &Connection) -> rusqlite::Result<Vec<Mark>> {
    let mut select = conn.prepare_cached(
        "SELECT user_id, position FROM restante_marks
         WHERE position < ifnull((SELECT min(id) FROM restante_messages), 9223372036854775807) LIMIT ?1",
    )?;
    let marks = select.query_map([STEP], |row| Ok((row.get(0)?, row.get(1)?)))?;
    marks.collect()
}

/// One step. `more` while it found something; marks are left to [`remove_marks`].
pub(super) fn step(tx: &mut Tx<'_>, now: i64) -> rusqlite::Result<Swept> {
    if let Some(items) = retracting::remove_part(tx)? {
        return Ok(Swept { items, more: true, ..Swept::default() });
    }
    let mut swept = Swept::default();
    while swept.items + swept.messages < STEP.unsigned_abs() && remove_expired(tx, now, &mut swept)?
    {
    }
    if swept == Swept::default() {
        swept = forgetting::remove_some(tx.conn, now, STEP)?;
    }
    if swept == Swept::default() {
        swept.others = remove_others(tx.conn, now)?;
    }
    swept.more = swept != Swept::default();
    Ok(swept)
}

/// Removes the rows of one expired message, of one part of it, or of some states of a broadcast;
/// `false` when no message has expired.
fn remove_expired(tx: &mut Tx<'_>, now: i64, swept: &mut Swept) -> rusqlite::Result<bool> {
    let conn = tx.conn;
    let expired = conn
        .prepare_cached(
            "SELECT id, recipients FROM restante_messages WHERE expires_at <= ?1
             ORDER BY expires_at, id LIMIT 1",
        )?
        .query_row([now], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<Vec<u8>>>(1)?)))
        .optional()?;
    let Some((id, recipients)) = expired else {
        return Ok(false);
    };
    if id % 2 == 1 {
        let listed = conn
            .prepare_cached("DELETE FROM restante_broadcasts WHERE position = ?1")?
            .execute([id])?;
        if listed > 0 {
            tx.change_shared_view();
        }
        let states = remove_states(conn, id)?;
        swept.items += states;
        if states > 0 {
            return Ok(true);
        }
    } else if let Some(list) = recipients {
        swept.items += rows::remove(conn, &user_list::decode(&list), id)?;
    } else if let Some(items) = remove_part(conn, id)? {
        swept.items += items;
        return Ok(true);
    }
    conn.prepare_cached("DELETE FROM restante_messages WHERE id = ?1")?.execute([id])?;
    swept.messages += 1;
    Ok(true)
}

fn remove_states(conn: &Connection, position: i64) -> rusqlite::Result<u64> {
    let removed = conn
        .prepare_cached(
            "DELETE FROM restante_seen WHERE position = ?1 AND user_id IN
             (SELECT user_id FROM restante_seen WHERE position = ?1 LIMIT ?2)",
        )?
        .execute((position, STEP))?;
    Ok(removed as u64)
}

/// Removes one part of an expired long list, delivered or not.
fn remove_part(conn: &Connection, message: i64) -> rusqlite::Result<Option<u64>> {
    let part = conn
        .prepare_cached(
            "SELECT part, position, users FROM restante_parts WHERE message = ?1
             ORDER BY part LIMIT 1",
        )?
        .query_row([message], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Vec<u8>>(2)?))
        })
        .optional()?;
    let Some((part, position, list)) = part else {
        return Ok(None);
    };
    let removed = match position {
        Some(position) => rows::remove(conn, &user_list::decode(&list), position)?,
        None => 0,
    };
    conn.prepare_cached("DELETE FROM restante_parts WHERE message = ?1 AND part = ?2")?
        .execute((message, part))?;
    Ok(Some(removed))
}

fn remove_others(conn: &Connection, now: i64) -> rusqlite::Result<u64> {
    let mut removed = 0;
    removed += conn
        .prepare_cached(
            "DELETE FROM restante_keys WHERE (sender, key) IN
             (SELECT sender, key FROM restante_keys WHERE at <= ?1 LIMIT ?2)",
        )?
        .execute((now - KEY_MILLIS, STEP))?;
    removed += conn
        .prepare_cached(
            "DELETE FROM restante_outbox WHERE id IN
             (SELECT id FROM restante_outbox WHERE error IS NOT NULL AND refused_at <= ?1 LIMIT ?2)",
        )?
        .execute((now - KEEP_MILLIS, STEP))?;
    removed += conn
        .prepare_cached(
            "DELETE FROM restante_ended_tokens WHERE key IN
             (SELECT key FROM restante_ended_tokens WHERE at <= ?1 LIMIT ?2)",
        )?
        .execute((now - KEEP_MILLIS, STEP))?;
    removed += conn
        .prepare_cached(
            "DELETE FROM restante_used_once WHERE id IN
             (SELECT id FROM restante_used_once WHERE until <= ?1 LIMIT ?2)",
        )?
        .execute((now, STEP))?;
    Ok(removed as u64)
}

/// Removes marks found by [`old_marks`]. There may be more of them.
pub(super) fn remove_marks(conn: &Connection, marks: &[Mark]) -> rusqlite::Result<Swept> {
    let mut delete =
        conn.prepare_cached("DELETE FROM restante_marks WHERE user_id = ?1 AND position = ?2")?;
    let mut others = 0;
    for mark in marks {
        others += delete.execute(*mark)? as u64;
    }
    Ok(Swept { others, more: true, ..Swept::default() })
}

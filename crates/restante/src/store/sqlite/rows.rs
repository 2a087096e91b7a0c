//! Items' rows: reading one, writing one back, and when it was read.

use rusqlite::{Connection, OptionalExtension};

use crate::store::state::{Mark, Row, State};
use crate::store::user_view::{UserRow, seen};

/// `restante_deliveries.until` is in seconds, everything else in milliseconds.
pub(super) const SECOND: i64 = 1_000;

/// A row from the columns `state, position, until, at` of `restante_deliveries`, from `first` on.
pub(super) fn delivery(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Row> {
    Ok(Row {
        state: state(row, first)?,
        position: row.get(first + 1)?,
        until: row.get::<_, i64>(first + 2)? * SECOND,
        at: row.get(first + 3)?,
    })
}

fn state(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<State> {
    let number = row.get(column)?;
    State::from_number(number).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// Delivers a new item to a user. `until` in milliseconds, a whole second.
pub(super) fn deliver(
    conn: &Connection,
    users: &[i64],
    position: i64,
    until: i64,
) -> rusqlite::Result<()> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO restante_deliveries(user_id, state, position, until) VALUES (?1, 1, ?2, ?3)",
    )?;
    let until = until / SECOND;
    for user in users {
        insert.execute((user, position, until))?;
    }
    Ok(())
}

/// Removes an item from users, whatever its state, and tells from how many.
pub(super) fn remove(conn: &Connection, users: &[i64], position: i64) -> rusqlite::Result<u64> {
    let mut delete = conn.prepare_cached(
        "DELETE FROM restante_deliveries
         WHERE user_id = ?1 AND state IN (0, 1, 2, 3) AND position = ?2",
    )?;
    let mut removed = 0;
    for user in users {
        removed += delete.execute((user, position))? as u64;
    }
    Ok(removed)
}

/// A user's personal item.
pub(super) fn find_delivery(
    conn: &Connection,
    user: i64,
    position: i64,
) -> rusqlite::Result<Option<Row>> {
    conn.prepare_cached(
        "SELECT state, position, until, at FROM restante_deliveries
         WHERE user_id = ?1 AND state IN (0, 1, 2, 3) AND position = ?2",
    )?
    .query_row((user, position), |row| delivery(row, 0))
    .optional()
}

/// Writes a personal item back. The state is part of the key, so the old one is needed.
pub(super) fn put_delivery(
    conn: &Connection,
    user: i64,
    old: State,
    row: &Row,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE restante_deliveries SET state = ?4, until = ?5, at = ?6
         WHERE user_id = ?1 AND state = ?2 AND position = ?3",
    )?
    .execute((
        user,
        old.number(),
        row.position,
        row.state.number(),
        row.until / SECOND,
        row.at,
    ))?;
    Ok(())
}

/// A user's own state of a broadcast that is new until `until` and expires at `expires_at`.
pub(super) fn find_seen(
    conn: &Connection,
    user: i64,
    position: i64,
    until: i64,
    expires_at: i64,
) -> rusqlite::Result<Row> {
    let own = conn
        .prepare_cached("SELECT state, at FROM restante_seen WHERE user_id = ?1 AND position = ?2")?
        .query_row((user, position), |row| Ok((state(row, 0)?, row.get(1)?)))
        .optional()?;
    Ok(match own {
        Some((state, at)) => seen(position, state, at, until, expires_at),
        None => Row::new(position, until),
    })
}

/// Writes a user's own state of a broadcast.
pub(super) fn put_seen(conn: &Connection, user: i64, row: &Row) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO restante_seen(user_id, position, state, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT(user_id, position) DO UPDATE SET state = excluded.state, at = excluded.at",
    )?
    .execute((user, row.position, row.state.number(), row.at))?;
    Ok(())
}

/// All states of broadcasts that a user has, as (position, state, at), oldest first.
pub(super) fn all_seen(
    conn: &Connection,
    user: i64,
) -> rusqlite::Result<Vec<(i64, State, Option<i64>)>> {
    let mut select = conn.prepare_cached(
        "SELECT position, state, at FROM restante_seen WHERE user_id = ?1 ORDER BY position",
    )?;
    let rows = select.query_map([user], |row| Ok((row.get(0)?, state(row, 1)?, row.get(2)?)))?;
    rows.collect()
}

/// When the user read the item.
pub(super) fn read_at(
    conn: &Connection,
    user: &UserRow,
    row: &Row,
) -> rusqlite::Result<Option<i64>> {
    row.read_at(user.read_through, |position| {
        conn.prepare_cached(
            "SELECT position, at FROM restante_marks
             WHERE user_id = ?1 AND position >= ?2 ORDER BY position LIMIT 1",
        )?
        .query_row((user.id, position), |row| Ok(Mark { position: row.get(0)?, at: row.get(1)? }))
        .optional()
    })
}

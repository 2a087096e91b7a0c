//! Items' rows: reading them, writing them back, and when they were read.

use tokio_postgres::Row as SqlRow;

use super::Result;
use super::session::Session;
use crate::store::state::{Row, State};
use crate::store::user_view::UserRow;

const REMOVE: &str = "
    DELETE FROM restante_deliveries d USING unnest($1::bigint[]) old(user_id)
    WHERE d.user_id = old.user_id AND d.state IN (0, 1, 2, 3) AND d.position = $2";
/// The state is part of the key, so the old one is needed.
const PUT: &str = "
    UPDATE restante_deliveries d SET state = new.state, until = new.until, at = new.at
    FROM unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::bigint[], $6::bigint[])
        new(position, old, state, until, at)
    WHERE d.user_id = $1 AND d.state = new.old AND d.position = new.position";
const PUT_SEEN: &str = "
    INSERT INTO restante_seen(user_id, position, state, at)
    SELECT $1, position, state, at
    FROM unnest($2::bigint[], $3::smallint[], $4::bigint[]) new(position, state, at)
    ON CONFLICT (user_id, position) DO UPDATE SET state = excluded.state, at = excluded.at";
const READ_AT: &str = "
    SELECT item.position, mark.at FROM unnest($2::bigint[]) item(position)
    CROSS JOIN LATERAL (
        SELECT k.at FROM restante_marks k WHERE k.user_id = $1 AND k.position >= item.position
        ORDER BY k.position LIMIT 1) mark";

/// A row from the columns `state, position, until, at`, from `first` on.
pub(super) fn delivery(row: &SqlRow, first: usize) -> Result<Row> {
    Ok(Row {
        state: state(row.try_get(first)?),
        position: row.try_get(first + 1)?,
        until: row.try_get(first + 2)?,
        at: row.try_get(first + 3)?,
    })
}

/// A state from its number. What a newer version may have put there is not shown.
pub(super) fn state(number: i16) -> State {
    State::from_number(i64::from(number)).unwrap_or(State::Dismissed)
}

/// The inverse of [`state`].
pub(super) fn number(state: State) -> i16 {
    state as i16
}

/// Removes an item from users, whatever its state, and tells from how many.
pub(super) async fn remove(session: &Session, users: &[i64], position: i64) -> Result<u64> {
    session.execute(REMOVE, &[&users, &position]).await
}

/// Writes a user's personal items back, each with the state it had.
pub(super) async fn put(session: &Session, user: i64, rows: &[(State, Row)]) -> Result<u64> {
    let positions: Vec<i64> = rows.iter().map(|(_, row)| row.position).collect();
    let old: Vec<i16> = rows.iter().map(|(old, _)| number(*old)).collect();
    let states: Vec<i16> = rows.iter().map(|(_, row)| number(row.state)).collect();
    let until: Vec<i64> = rows.iter().map(|(_, row)| row.until).collect();
    let at: Vec<Option<i64>> = rows.iter().map(|(_, row)| row.at).collect();
    session.execute(PUT, &[&user, &positions, &old, &states, &until, &at]).await
}

/// Writes a user's own states of broadcasts.
pub(super) async fn put_seen(session: &Session, user: i64, rows: &[Row]) -> Result<u64> {
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let states: Vec<i16> = rows.iter().map(|row| number(row.state)).collect();
    let at: Vec<Option<i64>> = rows.iter().map(|row| row.at).collect();
    session.execute(PUT_SEEN, &[&user, &positions, &states, &at]).await
}

/// When each of these items of one user was read, where the rows themselves do not tell. Gives
/// (position, time).
pub(super) async fn marked(
    session: &Session,
    user: &UserRow,
    rows: &[Row],
) -> Result<Vec<(i64, i64)>> {
    let below: Vec<&Row> = rows
        .iter()
        .filter(|row| row.state == State::New && row.position <= user.read_through)
        .collect();
    if below.is_empty() || user.id == 0 {
        return Ok(Vec::new());
    }
    let positions: Vec<i64> = below.iter().map(|row| row.position).collect();
    let marks = session.query(READ_AT, &[&user.id, &positions]).await?;
    marks.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

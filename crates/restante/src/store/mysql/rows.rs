//! Items' rows: delivering them, writing them back, and when they were read.

use std::collections::HashMap;

use mysql_async::Row as SqlRow;

use super::Result;
use super::session::{Session, get};
use super::sql::{Sql, Value, sql};
use crate::store::state::{Row, State};
use crate::store::user_view::UserRow;

const DELIVER: &str = "
    INSERT INTO restante_deliveries(user_id, state, position, message, until) VALUES";
/// The states are named although all of them are meant: they stand between the user and the position
/// in the key, and without them all items of these users would be looked at.
const REMOVE: &str = "
    DELETE FROM restante_deliveries WHERE user_id IN (?) AND state IN (0, 1, 2, 3) AND position = ?";
/// The state is part of the key, so the old one is needed.
const PUT: &str = "
    UPDATE restante_deliveries SET state = ?, until = ?, at = ?
    WHERE user_id = ? AND state = ? AND position = ?";
const PUT_SEEN: &str = "INSERT INTO restante_seen(user_id, position, state, at) VALUES";
const OR_UPDATE_SEEN: &str = " ON DUPLICATE KEY UPDATE state = VALUES(state), at = VALUES(at)";
/// One for each item: as a subquery of the items it would read all marks from the user's first on.
const MARK: &str = "
    (SELECT user_id, ?, at FROM restante_marks WHERE user_id = ? AND position >= ?
     ORDER BY position LIMIT 1)";

/// Most rows that one statement inserts: some hundred kilobytes.
const INSERTED: usize = 4_000;
/// Most users, or pairs, that one statement looks for: each of them is a few ranges of a key, and
/// past some thousands the server gives up using it.
const SOUGHT: usize = 500;
const MARKS: usize = 200;

/// An item as it is delivered.
#[derive(Clone, Copy, Debug)]
pub(super) struct New {
    pub(super) user: i64,
    pub(super) position: i64,
    /// Where the position is not the message's id.
    pub(super) message: Option<i64>,
    pub(super) until: i64,
}

/// A row from the columns `state, position, until, at`, from `first` on.
pub(super) fn delivery(row: &SqlRow, first: usize) -> Result<Row> {
    Ok(Row {
        state: state(get(row, first)?),
        position: get(row, first + 1)?,
        until: get(row, first + 2)?,
        at: get(row, first + 3)?,
    })
}

/// A state from its number. What a newer version may have put there is not shown.
pub(super) fn state(number: i64) -> State {
    State::from_number(number).unwrap_or(State::Dismissed)
}

/// Delivers new items.
pub(super) async fn deliver(session: &Session, items: &[New]) -> Result<()> {
    for insert in deliveries(items) {
        session.execute_all(&insert).await?;
    }
    Ok(())
}

/// The statements that deliver new items.
pub(super) fn deliveries(items: &[New]) -> impl Iterator<Item = Sql> {
    items.chunks(INSERTED).map(|items| {
        let mut insert = sql(DELIVER, &[]);
        for (place, item) in items.iter().enumerate() {
            let New { user, position, message, until } = *item;
            let state = State::New.number();
            let values = [user.into(), state.into(), position.into(), message.into(), until.into()];
            insert.row(place == 0, &values);
        }
        insert
    })
}

/// Removes an item from users, whatever its state, and tells from how many.
pub(super) async fn remove(session: &Session, users: &[i64], position: i64) -> Result<u64> {
    match in_turn(removal(users, position)) {
        Some(removes) => session.execute_all(&removes).await,
        None => Ok(0),
    }
}

/// The same of several items, each from its own users.
pub(super) async fn remove_all(session: &Session, items: &[(i64, Vec<i64>)]) -> Result<u64> {
    let removes = items.iter().flat_map(|(position, users)| removal(users, *position));
    match in_turn(removes) {
        Some(removes) => session.execute_all(&removes).await,
        None => Ok(0),
    }
}

fn removal(users: &[i64], position: i64) -> impl Iterator<Item = Sql> {
    let remove = move |users| sql(REMOVE, &[Value::Numbers(users), position.into()]);
    users.chunks(SOUGHT).map(remove)
}

/// Several statements as one, in one round trip.
pub(super) fn in_turn(statements: impl Iterator<Item = Sql>) -> Option<Sql> {
    statements.reduce(|all, next| all.then(&next))
}

/// Writes a user's personal items back, each with the state it had.
pub(super) async fn put(session: &Session, user: i64, rows: &[(State, Row)]) -> Result<u64> {
    let update = |(old, row): &(State, Row)| {
        let values = [
            row.state.number().into(),
            row.until.into(),
            row.at.into(),
            user.into(),
            old.number().into(),
            row.position.into(),
        ];
        sql(PUT, &values)
    };
    match in_turn(rows.iter().map(update)) {
        Some(updates) => session.execute_all(&updates).await,
        None => Ok(0),
    }
}

/// Writes a user's own states of broadcasts.
pub(super) async fn put_seen(session: &Session, user: i64, rows: &[Row]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let mut insert = sql(PUT_SEEN, &[]);
    for (place, row) in rows.iter().enumerate() {
        let values = [user.into(), row.position.into(), row.state.number().into(), row.at.into()];
        insert.row(place == 0, &values);
    }
    session.execute_all(&insert.end(OR_UPDATE_SEEN)).await?;
    Ok(rows.len() as u64)
}

/// Whether it takes a mark to say when the item was read.
pub(super) fn needs_mark(user: &UserRow, row: &Row) -> bool {
    user.id != 0 && row.state == State::New && row.position <= user.read_through
}

/// When each of these items of one user was read, where the rows themselves do not tell. Gives
/// (position, time).
pub(super) async fn marked(
    session: &Session,
    user: &UserRow,
    rows: &[Row],
) -> Result<Vec<(i64, i64)>> {
    let below = rows.iter().filter(|row| needs_mark(user, row));
    let asked: Vec<(i64, i64)> = below.map(|row| (user.id, row.position)).collect();
    let marks = first_marks(session, &asked).await?;
    Ok(marks.into_iter().map(|((_, position), at)| (position, at)).collect())
}

/// The times of the first marks at or above these positions of these users, by (user, position).
pub(super) async fn first_marks(
    session: &Session,
    asked: &[(i64, i64)],
) -> Result<HashMap<(i64, i64), i64>> {
    let mut marks = HashMap::with_capacity(asked.len());
    for asked in asked.chunks(MARKS) {
        let mark = |&(user, position): &(i64, i64)| {
            sql(MARK, &[position.into(), user.into(), position.into()])
        };
        let all = asked.iter().map(mark).reduce(|all, next| all.end(" UNION ALL ").end_with(&next));
        let Some(all) = all else { continue };
        for answer in session.ask(&all).await? {
            for row in answer.rows {
                marks.insert((get(&row, 0)?, get(&row, 1)?), get(&row, 2)?);
            }
        }
    }
    Ok(marks)
}

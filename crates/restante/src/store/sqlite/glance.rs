//! What one statement tells of a user: of most counts everything.

use rusqlite::Connection;

use super::rows;
use crate::UserId;
use crate::store::state::State;
use crate::store::user_view::UserRow;

/// A user's row and how many personal items are unread, from one snapshot.
pub(super) struct Glance {
    /// Of the broadcasts and of what is being retracted, in the same snapshot.
    pub(super) version: i64,
    pub(super) user: UserRow,
    /// New items that count as unread, those that are being retracted included.
    pub(super) new: i64,
    pub(super) newest: Newest,
    /// Whether the user has own states of broadcasts.
    pub(super) has_seen: bool,
}

/// The last of a user's items that may be unread.
#[derive(Clone, Copy)]
pub(super) enum Newest {
    /// The highest position of a new item, or 0. Nothing is kept.
    New(i64),
    /// Some item is kept, and those come last: what is new and newest has to be asked for.
    Kept,
}

impl Glance {
    pub(super) fn at(conn: &Connection, now: i64, user: &UserId) -> rusqlite::Result<Self> {
        // Counting in one with the maximum takes three times as long for each row, and the last is
        // found without looking at the others; below the watermark it changes nothing. Its state and
        // position come as one number, so that they are one look into the table. The outer join gives
        // a row to users never heard of too.
        let mut select = conn.prepare_cached(
            "SELECT (SELECT version FROM restante_clock), u.id, u.joined, u.read_through,
                 (SELECT count(*) FROM restante_deliveries
                  WHERE user_id = u.id AND state = 1 AND position > u.read_through AND until > ?2),
                 (SELECT state << 54 | position FROM restante_deliveries
                  WHERE user_id = u.id AND state <= 2 ORDER BY state DESC, position DESC LIMIT 1),
                 EXISTS (SELECT 1 FROM restante_seen WHERE user_id = u.id)
             FROM (SELECT 1) LEFT JOIN restante_users u ON u.key = ?1",
        )?;
        select.query_row((user.as_str(), now / rows::SECOND), |row| {
            Ok(Self {
                version: row.get(0)?,
                user: UserRow {
                    id: row.get::<_, Option<i64>>(1)?.unwrap_or_default(),
                    joined: row.get(2)?,
                    read_through: row.get::<_, Option<i64>>(3)?.unwrap_or_default(),
                },
                new: row.get(4)?,
                newest: Newest::of(row.get(5)?),
                has_seen: row.get(6)?,
            })
        })
    }
}

impl Newest {
    fn of(last: Option<i64>) -> Self {
        let last = last.unwrap_or_default();
        match State::from_number(last >> 54) {
            Some(State::New) => Self::New(last & ((1 << 54) - 1)),
            Some(State::Kept) => Self::Kept,
            _ => Self::New(0),
        }
    }
}

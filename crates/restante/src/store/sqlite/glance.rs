//! What one statement tells of a user: of most counts everything.

use rusqlite::Connection;

use super::rows;
use crate::UserId;
use crate::store::user_view::UserRow;

/// A user's row and how many personal items are unread, from one snapshot.
pub(super) struct Glance {
    /// Of the broadcasts and of what is being retracted, in the same snapshot.
    pub(super) version: i64,
    pub(super) user: UserRow,
    /// New items that count as unread, those that are being retracted included.
    pub(super) new: i64,
    /// The highest position of a new item, or 0.
    pub(super) newest: i64,
    /// When an item was last marked unread. Nothing where none is: then there is no need to look.
    pub(super) newest_kept: Option<i64>,
    /// Whether the user has own states of broadcasts.
    pub(super) has_seen: bool,
}

impl Glance {
    pub(super) fn at(conn: &Connection, now: i64, user: &UserId) -> rusqlite::Result<Self> {
        // Counting in one with the maximum takes three times as long for each row, and the newest
        // is found without looking at the others; below the watermark it changes nothing. The join
        // gives a row to users never heard of too.
        let mut select = conn.prepare_cached(
            "SELECT (SELECT version FROM restante_clock), u.id, u.joined, u.read_through,
                 (SELECT count(*) FROM restante_deliveries
                  WHERE user_id = u.id AND state = 1 AND position > u.read_through AND until > ?2),
                 (SELECT max(position) FROM restante_deliveries WHERE user_id = u.id AND state = 1),
                 (SELECT max(at) FROM restante_deliveries WHERE user_id = u.id AND state = 2),
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
                newest: row.get::<_, Option<i64>>(5)?.unwrap_or_default(),
                newest_kept: row.get(6)?,
                has_seen: row.get(7)?,
            })
        })
    }
}

//! What a connection has counted since anybody last wrote.
//!
//! SQLite tells by `PRAGMA data_version` whether another connection, of this process or of another,
//! has committed since this one last asked. Readers never write, so while it stays the same the file
//! does, and a count is right until something in it expires. To ask costs a tenth of counting.
//!
//! Where many write or each user asks once there is nothing to be had from it. So after a change, and
//! when few were asked for again, it is left alone for some counts.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::{Count, UserId};

/// How many users' counts are remembered at most.
const USERS: usize = 4_096;
/// For how many counts it is left alone after somebody wrote.
const AFTER_A_WRITE: u32 = 64;
/// And after it was full of counts that hardly anybody asked for again.
const AFTER_STRANGERS: u32 = 65_536;

/// The counts of one connection.
pub(super) struct Remembered {
    data_version: i64,
    counts: HashMap<UserId, Lasting>,
    /// How many were of use since there were none.
    hits: usize,
    /// For how many counts nothing is looked up.
    pause: u32,
}

/// A count and when it holds, in milliseconds.
struct Lasting {
    count: Count,
    from: i64,
    until: i64,
}

impl Remembered {
    pub(super) fn new() -> Self {
        // No version is negative.
        Self { data_version: -1, counts: HashMap::new(), hits: 0, pause: 0 }
    }

    /// Whether what is remembered, and what is counted from now on, may be used: it asks whether
    /// somebody wrote, and forgets what was counted before.
    pub(super) fn is_current(&mut self, conn: &Connection) -> rusqlite::Result<bool> {
        if self.pause > 0 {
            self.pause -= 1;
            return Ok(false);
        }
        let mut select = conn.prepare_cached("PRAGMA data_version")?;
        let version = select.query_row([], |row| row.get(0))?;
        if version != self.data_version {
            self.data_version = version;
            self.forget();
            self.pause = AFTER_A_WRITE;
            return Ok(false);
        }
        Ok(true)
    }

    /// What was counted for a user, if it still holds.
    pub(super) fn find(&mut self, now: i64, user: &UserId) -> Option<Count> {
        // A clock that was turned back may bring back what had expired.
        let lasting = self.counts.get(user)?;
        let found = (lasting.from..lasting.until).contains(&now).then_some(lasting.count);
        self.hits += usize::from(found.is_some());
        found
    }

    /// Remembers what was counted after [`is_current`](Self::is_current) said yes. It may be of a
    /// later state of the file than that, which the next question then tells.
    pub(super) fn keep(&mut self, now: i64, until: i64, user: &UserId, count: Count) {
        if self.counts.len() >= USERS {
            if self.hits < USERS {
                self.pause = AFTER_STRANGERS;
            }
            self.forget();
        }
        self.counts.insert(user.clone(), Lasting { count, from: now, until });
    }

    fn forget(&mut self) {
        self.counts.clear();
        self.hits = 0;
    }
}

//! What every page needs and few writes change, kept in memory: live broadcasts, and the positions
//! that are being retracted.
//!
//! It is right for one `version` of the clock row, which every change of these raises in its own
//! transaction. A reader that finds another version in its snapshot loads it anew from that
//! snapshot, so a page never mixes two.

use std::collections::HashSet;

use rusqlite::Connection;

use super::messages::{self, BODY_COLUMNS, Body};

#[derive(Debug, Default)]
pub(super) struct SharedView {
    pub(super) version: i64,
    /// Oldest first. Expired ones stay until they are swept.
    pub(super) broadcasts: Vec<Broadcast>,
    /// Positions of items of retracted messages whose rows are still there.
    pub(super) retracting: HashSet<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct Broadcast {
    pub(super) position: i64,
    pub(super) until: i64,
    pub(super) newcomers: bool,
    pub(super) body: Body,
}

impl SharedView {
    pub(super) fn load(conn: &Connection, version: i64) -> rusqlite::Result<Self> {
        let mut select = conn.prepare_cached(&format!(
            "SELECT b.position, b.until, b.newcomers, {BODY_COLUMNS}
             FROM restante_broadcasts b JOIN restante_messages m ON m.id = b.position
             ORDER BY b.position",
        ))?;
        let broadcasts = select.query_map([], |row| {
            Ok(Broadcast {
                position: row.get(0)?,
                until: row.get(1)?,
                newcomers: row.get(2)?,
                body: messages::body(row, 3)?,
            })
        })?;
        let broadcasts = broadcasts.collect::<Result<_, _>>()?;
        let mut select = conn.prepare_cached("SELECT position FROM restante_retracting")?;
        let retracting = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Self { version, broadcasts, retracting })
    }

    /// The newest broadcast's position, or 0.
    pub(super) fn newest(&self) -> i64 {
        self.broadcasts.last().map_or(0, |broadcast| broadcast.position)
    }

    /// The broadcast at this position.
    pub(super) fn broadcast(&self, position: i64) -> Option<&Broadcast> {
        let at = self.broadcasts.binary_search_by_key(&position, |b| b.position).ok()?;
        self.broadcasts.get(at)
    }

    /// The broadcasts above this position, oldest first.
    pub(super) fn above(&self, position: i64) -> &[Broadcast] {
        let from = self.broadcasts.partition_point(|b| b.position <= position);
        self.broadcasts.get(from..).unwrap_or_default()
    }

    /// The broadcasts below this position, oldest first.
    pub(super) fn below(&self, position: i64) -> &[Broadcast] {
        let to = self.broadcasts.partition_point(|b| b.position < position);
        self.broadcasts.get(..to).unwrap_or_default()
    }
}

//! A user's personal items of several states, newest first: one cursor a state, stepped only as far
//! as the page needs.

use rusqlite::{CachedStatement, Connection, Rows};

use super::rows;
use super::users::UserRow;
use crate::View;
use crate::store::state::Row;

/// One statement a state, each with its own text: the cache holds one statement a text, and all
/// are in use at once.
const READ: &str = "SELECT state, position, until, at FROM restante_deliveries
    WHERE user_id = ?1 AND state = 0 AND position > ?2 AND position < ?3 ORDER BY position DESC";
const NEW: &str = "SELECT state, position, until, at FROM restante_deliveries
    WHERE user_id = ?1 AND state = 1 AND position > ?2 AND position < ?3 ORDER BY position DESC";
const KEPT: &str = "SELECT state, position, until, at FROM restante_deliveries
    WHERE user_id = ?1 AND state = 2 AND position > ?2 AND position < ?3 ORDER BY position DESC";

pub(super) struct Merge<'c> {
    view: View,
    read: Option<CachedStatement<'c>>,
    new: CachedStatement<'c>,
    kept: CachedStatement<'c>,
}

/// The merged items. Each branch holds the row it would give next.
pub(super) struct Merged<'s> {
    branches: [Option<Branch<'s>>; 3],
}

struct Branch<'s> {
    head: Row,
    rest: Rows<'s>,
}

impl<'c> Merge<'c> {
    pub(super) fn prepare(conn: &'c Connection, view: View) -> rusqlite::Result<Self> {
        let read = match view {
            View::Unread => None,
            View::Archive => Some(conn.prepare_cached(READ)?),
        };
        let (new, kept) = (conn.prepare_cached(NEW)?, conn.prepare_cached(KEPT)?);
        Ok(Self { view, read, new, kept })
    }

    /// The items below a position. Unread new ones are above the watermark.
    pub(super) fn query(&mut self, user: &UserRow, below: i64) -> rusqlite::Result<Merged<'_>> {
        let above = match self.view {
            View::Unread => user.read_through,
            View::Archive => 0,
        };
        let read = match &mut self.read {
            Some(read) => branch(read.query((user.id, 0, below))?)?,
            None => None,
        };
        let new = branch(self.new.query((user.id, above, below))?)?;
        let kept = branch(self.kept.query((user.id, 0, below))?)?;
        Ok(Merged { branches: [read, new, kept] })
    }
}

fn branch(mut rest: Rows<'_>) -> rusqlite::Result<Option<Branch<'_>>> {
    let head = rest.next()?.map(|row| rows::delivery(row, 0)).transpose()?;
    Ok(head.map(|head| Branch { head, rest }))
}

impl Merged<'_> {
    fn newest(&self) -> Option<usize> {
        let heads = self.branches.iter().enumerate();
        heads
            .filter_map(|(at, branch)| Some((branch.as_ref()?.head.position, at)))
            .max()
            .map(|(_, at)| at)
    }

    pub(super) fn peek(&self) -> Option<&Row> {
        self.branches[self.newest()?].as_ref().map(|branch| &branch.head)
    }

    pub(super) fn next(&mut self) -> rusqlite::Result<Option<Row>> {
        let Some(at) = self.newest() else {
            return Ok(None);
        };
        let Some(branch) = &mut self.branches[at] else {
            return Ok(None);
        };
        let row = branch.head;
        match branch.rest.next()? {
            Some(next) => branch.head = rows::delivery(next, 0)?,
            None => self.branches[at] = None,
        }
        Ok(Some(row))
    }
}

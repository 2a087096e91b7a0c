//! A user's personal items of several states, newest first: one cursor a state, stepped only as far
//! as the page needs.

use rusqlite::{CachedStatement, Connection, Rows};

use super::messages;
use super::rows;
use crate::View;
use crate::store::shared_view::Body;
use crate::store::state::Row;
use crate::store::user_view::UserRow;

/// The items of one state with their messages. A part of a long list has a position that is no
/// message's id: its body is found otherwise.
///
/// One text a state: the cache holds one statement a text, and all are in use at once.
macro_rules! items_in_state {
    ($state:literal) => {
        concat!(
            "SELECT d.state, d.position, d.until, d.at, m.level, m.text, m.tags, m.url, m.data,
                    m.sent_at, m.expires_at, m.retracted_at
             FROM restante_deliveries d LEFT JOIN restante_messages m ON m.id = d.position
             WHERE d.user_id = ?1 AND d.state = ",
            $state,
            " AND d.position > ?2 AND d.position < ?3 AND d.until > ?4 ORDER BY d.position DESC"
        )
    };
}

const READ: &str = items_in_state!(0);
const NEW: &str = items_in_state!(1);
const KEPT: &str = items_in_state!(2);

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

/// An item, and its body unless it is of a long list.
type Personal = (Row, Option<Body>);

struct Branch<'s> {
    head: Personal,
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

    /// The items below a position. Unread new ones are above the watermark, and no unread one has
    /// lapsed: a user who stays away for months has many of these, and their messages need not be
    /// read to pass over them.
    pub(super) fn query(
        &mut self,
        user: &UserRow,
        below: i64,
        now: i64,
    ) -> rusqlite::Result<Merged<'_>> {
        let (above, after) = match self.view {
            View::Unread => (user.read_through, now / rows::SECOND),
            View::Archive => (0, i64::MIN),
        };
        let read = match &mut self.read {
            Some(read) => branch(read.query((user.id, 0, below, after))?)?,
            None => None,
        };
        let new = branch(self.new.query((user.id, above, below, after))?)?;
        let kept = branch(self.kept.query((user.id, 0, below, after))?)?;
        Ok(Merged { branches: [read, new, kept] })
    }
}

fn branch(mut rest: Rows<'_>) -> rusqlite::Result<Option<Branch<'_>>> {
    let first = rest.next()?.map(item).transpose()?;
    Ok(first.map(|head| Branch { head, rest }))
}

fn item(row: &rusqlite::Row<'_>) -> rusqlite::Result<Personal> {
    Ok((rows::delivery(row, 0)?, messages::joined_body(row, 4)?))
}

impl Merged<'_> {
    fn newest(&self) -> Option<usize> {
        let heads = self.branches.iter().enumerate();
        heads
            .filter_map(|(at, branch)| Some((branch.as_ref()?.head.0.position, at)))
            .max()
            .map(|(_, at)| at)
    }

    pub(super) fn peek(&self) -> Option<&Row> {
        self.branches[self.newest()?].as_ref().map(|branch| &branch.head.0)
    }

    pub(super) fn next(&mut self) -> rusqlite::Result<Option<Personal>> {
        let Some(at) = self.newest() else { return Ok(None) };
        let Some(branch) = &mut self.branches[at] else { return Ok(None) };
        let next = branch.rest.next()?.map(item).transpose()?;
        Ok(match next {
            Some(next) => Some(std::mem::replace(&mut branch.head, next)),
            None => self.branches[at].take().map(|branch| branch.head),
        })
    }
}

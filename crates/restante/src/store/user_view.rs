//! What one user sees of what all share: broadcasts by the user's watermark, time of joining and own
//! states of them.

use super::NewMessage;
use super::shared_view::{Body, Broadcast, SharedView};
#[cfg(any(feature = "mysql", feature = "postgres"))]
use super::state::Mark;
use super::state::{Row, State, is_eligible};
use crate::clock::from_millis;
use crate::{Item, ItemId};

/// What the tables know of a user.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UserRow {
    /// 0 for a user never heard of; no row has it.
    pub(crate) id: i64,
    pub(crate) joined: Option<i64>,
    pub(crate) read_through: i64,
}

/// A user as a snapshot has it: the row, and the states of broadcasts.
#[derive(Debug)]
pub(crate) struct UserView {
    pub(crate) user: UserRow,
    /// (position, state, at), oldest first.
    pub(crate) seen: Vec<(i64, State, Option<i64>)>,
}

impl UserView {
    pub(crate) fn is_eligible(&self, broadcast: &Broadcast) -> bool {
        is_eligible(broadcast.newcomers, broadcast.body.sent_at, self.user.joined)
    }

    /// The user's row of a broadcast.
    pub(crate) fn row(&self, broadcast: &Broadcast) -> Row {
        let Broadcast { position, until, .. } = *broadcast;
        match self.seen.binary_search_by_key(&position, |(position, ..)| *position) {
            Ok(at) => {
                let (_, state, at) = self.seen[at];
                seen(position, state, at, until, broadcast.body.expires_at)
            }
            Err(_) => Row::new(position, until),
        }
    }

    /// Unread broadcasts: those above the watermark, and those below it that were marked unread.
    pub(crate) fn unread_broadcasts(&self, view: &SharedView, now: i64) -> usize {
        let through = self.user.read_through;
        let is_unread = |broadcast: &Broadcast| {
            broadcast.body.is_live(now)
                && self.is_eligible(broadcast)
                && self.row(broadcast).is_unread(through, now)
        };
        let below = self
            .seen
            .iter()
            .filter(|(position, state, _)| *position <= through && *state == State::Kept)
            .filter_map(|(position, ..)| view.broadcast(*position));
        view.above(through).iter().filter(|b| is_unread(b)).count()
            + below.filter(|b| is_unread(b)).count()
    }

    /// The highest position at which something can be visible to this user.
    pub(crate) fn newest_seen(&self, view: &SharedView) -> i64 {
        let kept = self.seen.iter().filter(|(position, state, _)| {
            *state == State::Kept && view.broadcast(*position).is_some()
        });
        kept.filter_map(|(_, _, since)| *since).max().unwrap_or(0).max(view.newest())
    }

    pub(crate) fn item(&self, now: i64, row: &Row, body: Body, read_at: Option<i64>) -> Item {
        let id = ItemId::new(row.position);
        Item {
            id,
            message: body.message,
            date: from_millis(body.sent_at),
            unread: row.is_unread(self.user.read_through, now),
            everyone: id.is_broadcast(),
            read_at: read_at.map(from_millis),
            expires_at: NewMessage::shown_expiry(from_millis(body.expires_at)),
        }
    }
}

/// The row of a broadcast with a state of the user's own. The tables keep no `until`: it follows
/// from the broadcast.
pub(crate) fn seen(
    position: i64,
    state: State,
    at: Option<i64>,
    until: i64,
    expires_at: i64,
) -> Row {
    let until = if state == State::Kept { expires_at } else { until };
    Row { position, state, until, at }
}

/// When an item was read, of which the first mark at or above it was made at `marked`.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) fn read_at(user: &UserRow, row: &Row, marked: Option<i64>) -> Option<i64> {
    let mark = |position| Ok::<_, std::convert::Infallible>(marked.map(|at| Mark { position, at }));
    let Ok(at) = row.read_at(user.read_through, mark);
    at
}

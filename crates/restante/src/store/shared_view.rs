//! What every page needs and few writes change, kept in memory: live broadcasts, and the positions
//! that are being retracted.
//!
//! It is right for one `version` of the clock row, which every change of these raises in its own
//! transaction. A reader that finds another version in its snapshot loads it anew from that
//! snapshot, so a page never mixes two.

use std::collections::HashSet;
use std::sync::Arc;

use crate::Message;

/// What items need to know of their message.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) message: Arc<Message>,
    pub(crate) sent_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) is_retracted: bool,
}

impl Body {
    pub(crate) fn is_live(&self, now: i64) -> bool {
        !self.is_retracted && self.expires_at > now
    }
}

#[derive(Debug, Default)]
pub(crate) struct SharedView {
    pub(crate) version: i64,
    /// Oldest first. Expired ones stay until they are swept.
    pub(crate) broadcasts: Vec<Broadcast>,
    /// Positions of items of retracted messages whose rows are still there.
    pub(crate) retracting: HashSet<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Broadcast {
    pub(crate) position: i64,
    pub(crate) until: i64,
    pub(crate) newcomers: bool,
    pub(crate) body: Body,
}

impl SharedView {
    /// The newest broadcast's position, or 0.
    pub(crate) fn newest(&self) -> i64 {
        self.broadcasts.last().map_or(0, |broadcast| broadcast.position)
    }

    /// When the first of those that may still be unread stops being so.
    #[cfg(feature = "sqlite")]
    pub(crate) fn next_expiry(&self, now: i64) -> i64 {
        let times = self.broadcasts.iter().flat_map(|b| [b.until, b.body.expires_at]);
        times.filter(|until| *until > now).min().unwrap_or(i64::MAX)
    }

    /// The broadcast at this position.
    pub(crate) fn broadcast(&self, position: i64) -> Option<&Broadcast> {
        let at = self.broadcasts.binary_search_by_key(&position, |b| b.position).ok()?;
        self.broadcasts.get(at)
    }

    /// The broadcasts above this position, oldest first.
    pub(crate) fn above(&self, position: i64) -> &[Broadcast] {
        let from = self.broadcasts.partition_point(|b| b.position <= position);
        self.broadcasts.get(from..).unwrap_or_default()
    }

    /// The broadcasts below this position, oldest first.
    pub(crate) fn below(&self, position: i64) -> &[Broadcast] {
        let to = self.broadcasts.partition_point(|b| b.position < position);
        self.broadcasts.get(..to).unwrap_or_default()
    }
}

//! The rules by which one item of one user changes.
//!
//! Pure functions over one row, used by every store inside its transaction: what "unread" means
//! and which changes are possible is written here and nowhere else.
//!
//! | state | unread if | read time |
//! |---|---|---|
//! | new | above the watermark and `until` not reached | of the first mark at or above it, if that came before `until` |
//! | read | no | kept in the row |
//! | kept (marked unread again) | until it expires | none |
//! | dismissed | never shown | kept in the row, for receipts |
//!
//! A broadcast of which a user has no row is new to that user.

/// The state of one item of one user. The numbers are those of the tables: unread items are the
/// range from new to kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Marked read by itself.
    Read = 0,
    /// Not touched since it arrived; the watermark tells whether it is read.
    New = 1,
    /// Marked unread again.
    Kept = 2,
    /// Taken out of inbox and archive.
    Dismissed = 3,
}

impl State {
    /// The state's number in the tables.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The inverse of [`number`](Self::number).
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Read),
            1 => Some(Self::New),
            2 => Some(Self::Kept),
            3 => Some(Self::Dismissed),
            _ => None,
        }
    }
}

/// One item of one user, as a store keeps it. Times are milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The item's place in the inbox.
    pub position: i64,
    /// Its state.
    pub state: State,
    /// When it leaves the inbox unread. Once kept, when its message expires.
    pub until: i64,
    /// The time of reading in the states read and dismissed; the position at which it was marked
    /// unread in the state kept; else nothing.
    pub at: Option<i64>,
}

/// A user's "all read": everything up to `position`, at the time `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The watermark that was set.
    pub position: i64,
    /// When.
    pub at: i64,
}

impl Row {
    /// An item that just arrived, or a broadcast that the user has not touched.
    pub const fn new(position: i64, until: i64) -> Self {
        Self { position, state: State::New, until, at: None }
    }

    /// Whether the item counts as unread under the watermark `read_through`.
    pub const fn is_unread(&self, read_through: i64, now: i64) -> bool {
        match self.state {
            State::New => self.position > read_through && self.until > now,
            State::Kept => self.until > now,
            State::Read | State::Dismissed => false,
        }
    }

    /// When it was read. `mark` looks up the first mark at or above a position; it is asked only
    /// when it can matter.
    pub fn read_at<E>(
        &self,
        read_through: i64,
        mark: impl FnOnce(i64) -> Result<Option<Mark>, E>,
    ) -> Result<Option<i64>, E> {
        match self.state {
            State::Read | State::Dismissed => Ok(self.at),
            State::Kept => Ok(None),
            State::New if self.position > read_through => Ok(None),
            // A mark after the item had left the inbox did not show it to anybody.
            State::New => Ok(mark(self.position)?.map(|m| m.at).filter(|at| *at < self.until)),
        }
    }

    /// The row once it is marked read; `None` when it has been read.
    pub const fn marked_read(&self, read_at: Option<i64>, now: i64) -> Option<Self> {
        match (self.state, read_at) {
            (State::New | State::Kept, None) => {
                Some(Self { state: State::Read, at: Some(now), ..*self })
            }
            _ => None,
        }
    }

    /// The row once it is marked unread again at the position `since`; `None` when it is unread or
    /// dismissed.
    pub const fn marked_unread(
        &self,
        read_through: i64,
        now: i64,
        since: i64,
        expires_at: i64,
    ) -> Option<Self> {
        let is_read = match self.state {
            State::Read => true,
            State::New => !self.is_unread(read_through, now),
            State::Kept | State::Dismissed => false,
        };
        if !is_read {
            return None;
        }
        Some(Self { state: State::Kept, until: expires_at, at: Some(since), ..*self })
    }

    /// The row after a mark-all up to `as_of`; `None` when the row does not change: the watermark
    /// alone tells about new items.
    pub fn marked_by_all(&self, as_of: i64, now: i64) -> Option<Self> {
        let was_visible = self.at.is_some_and(|since| since <= as_of);
        if self.state == State::Kept && was_visible && self.until > now {
            return Some(Self { state: State::Read, at: Some(now), ..*self });
        }
        None
    }

    /// The row once it is dismissed; `None` when it has been.
    pub const fn dismissed(&self, read_at: Option<i64>) -> Option<Self> {
        match self.state {
            State::Dismissed => None,
            _ => Some(Self { state: State::Dismissed, at: read_at, ..*self }),
        }
    }
}

/// Whether a user may see a broadcast: not one from before the user is known to have joined, unless
/// it is for newcomers too.
pub fn is_eligible(newcomers: bool, sent_at: i64, joined: Option<i64>) -> bool {
    newcomers || joined.is_none_or(|joined| sent_at >= joined)
}

/// The lowest position that may be given out at a time. Positions are a clock that never goes
/// back: milliseconds since 2025-01-01 in steps of 4096, so that 2048 a millisecond fit before
/// they run ahead of it.
pub fn position_at(now: i64) -> i64 {
    const EPOCH_2025: i64 = 1_735_689_600_000;
    (now - EPOCH_2025).clamp(0, 1 << 40) * 4096
}

/// The position after `last` at a time: even, for personal items. The odd one after it is for
/// broadcasts.
pub fn next_position(last: i64, now: i64) -> i64 {
    (last + 2).max(position_at(now))
}

/// The newest position that anything may have while `last` is the last that was taken.
pub fn newest_position(last: i64) -> i64 {
    last + 1
}

/// When a message that is retracted now expires: senders see for 30 days that it was, unless it
/// would have left before.
pub fn retracted_until(now: i64, expires_at: i64) -> i64 {
    expires_at.min(now.saturating_add(30 * 86_400_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_rise_although_the_clock_jumps_back() {
        let first = next_position(0, 1_800_000_000_000);
        assert_eq!(first % 2, 0);
        assert_eq!(next_position(first, 0), first + 2);
        assert!(next_position(first, 1_800_000_000_001) == first + 4096);
        assert!(next_position(0, i64::MAX) + (1 << 50) < crate::MAX_POSITION);
    }
}

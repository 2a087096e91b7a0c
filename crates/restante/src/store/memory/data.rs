//! What the store keeps. All times are milliseconds since 1970.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::super::state::{self, Mark, Row};
use super::super::{ApiKey, Day, OutboxRow, Sent};
use crate::{Message, UserId};

#[derive(Debug)]
pub(super) struct Data {
    pub(super) part_size: usize,
    /// The last position given out.
    pub(super) last: i64,
    pub(super) users: HashMap<UserId, UserData>,
    pub(super) messages: BTreeMap<i64, Stored>,
    /// Those of them that went to everyone and are not retracted. Every page asks for them, so they
    /// are not looked for among all messages.
    pub(super) broadcasts: BTreeSet<i64>,
    /// Parts of long lists that are not delivered yet, as (message, part).
    pub(super) waiting: BTreeSet<(i64, usize)>,
    /// By sender and key.
    pub(super) keys: HashMap<(String, String), KeyUse>,
    pub(super) outbox: BTreeMap<i64, Left>,
    pub(super) last_outbox_id: i64,
    pub(super) secrets: HashMap<String, Vec<u8>>,
    pub(super) api_keys: Vec<ApiKey>,
    pub(super) tokens_ended: HashMap<UserId, i64>,
    /// Until when what was used up stays so.
    pub(super) used_once: HashMap<[u8; 32], i64>,
    pub(super) followers: HashMap<String, Lease>,
    pub(super) days: BTreeMap<i64, Day>,
}

/// What is kept of one user.
#[derive(Debug, Default)]
pub(super) struct UserData {
    pub(super) joined: Option<i64>,
    /// The watermark: everything new up to here is read.
    pub(super) read_through: i64,
    /// Personal items, with the message they belong to.
    pub(super) items: BTreeMap<i64, (Row, i64)>,
    /// The user's own states of broadcasts.
    pub(super) seen: BTreeMap<i64, Row>,
    /// When the watermark was set, by position.
    pub(super) marks: BTreeMap<i64, i64>,
}

/// A sent message.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) sender: String,
    pub(super) message: Arc<Message>,
    pub(super) sent_at: i64,
    pub(super) inbox_until: i64,
    pub(super) expires_at: i64,
    pub(super) retracted_at: Option<i64>,
    pub(super) total: u64,
    pub(super) audience: Audience,
    /// Deliveries to, and reads by, users forgotten since.
    pub(super) gone: (u64, u64),
}

#[derive(Debug)]
pub(super) enum Audience {
    Everyone { newcomers: bool },
    Users(Vec<Part>),
}

#[derive(Debug)]
pub(super) struct Part {
    /// Where its items are; `None` while it waits.
    pub(super) position: Option<i64>,
    pub(super) users: Vec<UserId>,
}

#[derive(Debug)]
pub(super) struct KeyUse {
    pub(super) hash: [u8; 32],
    pub(super) sent: Sent,
    pub(super) at: i64,
}

/// A row in the outbox, with the error and its time once it was refused.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) row: OutboxRow,
    pub(super) refused: Option<(String, i64)>,
}

#[derive(Debug)]
pub(super) struct Lease {
    pub(super) position: i64,
    pub(super) holder: Option<String>,
    pub(super) until: i64,
}

impl Data {
    pub(super) fn new(part_size: usize) -> Self {
        Self {
            part_size: part_size.max(1),
            last: 0,
            users: HashMap::new(),
            messages: BTreeMap::new(),
            broadcasts: BTreeSet::new(),
            waiting: BTreeSet::new(),
            keys: HashMap::new(),
            outbox: BTreeMap::new(),
            last_outbox_id: 0,
            secrets: HashMap::new(),
            api_keys: Vec::new(),
            tokens_ended: HashMap::new(),
            used_once: HashMap::new(),
            followers: HashMap::new(),
            days: BTreeMap::new(),
        }
    }

    /// Takes the next position.
    pub(super) fn position(&mut self, now: i64) -> i64 {
        self.last = state::next_position(self.last, now);
        self.last
    }

    /// The figures of the day of `now`.
    pub(super) fn day(&mut self, now: i64) -> &mut Day {
        let day = now.div_euclid(86_400_000);
        self.days.entry(day).or_insert(Day { day, ..Day::default() })
    }

    /// Broadcasts that are not retracted, newest first.
    pub(super) fn broadcasts(&self) -> impl Iterator<Item = (i64, &Stored)> {
        self.broadcasts.iter().rev().filter_map(|id| Some((*id, self.messages.get(id)?)))
    }
}

impl Stored {
    pub(super) fn is_live(&self, now: i64) -> bool {
        self.retracted_at.is_none() && self.expires_at > now
    }

    pub(super) fn is_eligible(&self, joined: Option<i64>) -> bool {
        match self.audience {
            Audience::Everyone { newcomers } => state::is_eligible(newcomers, self.sent_at, joined),
            Audience::Users(_) => true,
        }
    }
}

impl UserData {
    /// The user's row of a broadcast, which may never have been written.
    pub(super) fn broadcast_row(&self, id: i64, stored: &Stored) -> Row {
        self.seen.get(&id).copied().unwrap_or_else(|| Row::new(id, stored.inbox_until))
    }

    pub(super) fn read_at(&self, row: &Row) -> Option<i64> {
        let mark = |position| {
            let next = self.marks.range(position..).next();
            Ok::<_, std::convert::Infallible>(next.map(|(&position, &at)| Mark { position, at }))
        };
        match row.read_at(self.read_through, mark) {
            Ok(read_at) => read_at,
            Err(never) => match never {},
        }
    }
}

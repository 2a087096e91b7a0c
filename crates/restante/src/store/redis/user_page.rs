//! What the page script answers: one user's items, from one snapshot.

use redis::Value;

use super::NAME;
use super::body::{self, Body};
use super::broadcasts::Broadcast;
use super::reply;
use crate::Error;
use crate::clock::from_millis;
use crate::store::NewMessage;
use crate::store::state::{Mark, Row, State, is_eligible};
use crate::{Item, ItemId};

/// A user as a snapshot has it.
#[derive(Debug)]
pub(super) struct UserPage {
    /// That of the broadcasts.
    pub(super) version: i64,
    through: i64,
    broadcasts_through: i64,
    pub(super) joined: Option<i64>,
    /// The newest position at which something personal was visible.
    newest: i64,
    /// Personal items that are unread.
    pub(super) count: u64,
    /// Own states of broadcasts, by position.
    own: Vec<(i64, State, Option<i64>)>,
    /// When broadcasts were marked, by position.
    marks: Vec<Mark>,
    /// Personal items, newest first, each with its time of reading by a mark.
    pub(super) items: Vec<(Row, Body)>,
}

impl UserPage {
    /// A page of new items only.
    pub(super) fn of_new(
        version: i64,
        (through, broadcasts_through): (i64, i64),
        joined: Option<i64>,
        (newest, count): (i64, u64),
        mut own: Vec<(i64, State, Option<i64>)>,
        items: Vec<(Row, Body)>,
    ) -> Self {
        own.sort_unstable_by_key(|(position, ..)| *position);
        let marks = Vec::new();
        Self { version, through, broadcasts_through, joined, newest, count, own, marks, items }
    }

    pub(super) fn decode(value: &Value) -> Result<Self, Error> {
        let text = std::str::from_utf8(reply::bytes(value)).ok();
        let page = text.and_then(Self::parse);
        page.ok_or_else(|| Error::internal(NAME, "a page is not as our script writes it"))
    }

    /// The parts of a page, in the order of `lua/page.lua`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('\u{1d}');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (version, through, broadcasts_through) = (number()?, number()?, number()?);
        let joined = parts.next()?.parse().ok();
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (since, top, count) = (number()?, number()?, number()?);
        let own = own_states(parts.next()?);
        let marks = records(parts.next()?).filter_map(mark).collect();
        let [positions, states, times, bodies] =
            [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        Some(Self {
            version,
            through,
            broadcasts_through,
            joined,
            newest: through.max(since).max(top),
            count: count.try_into().ok()?,
            own,
            marks,
            items: items(positions, states, times, bodies)?,
        })
    }

    /// The newest visible positions of this user's and of broadcasts.
    pub(super) fn as_of(&self, broadcasts: &[Broadcast]) -> crate::AsOf {
        let newest = broadcasts.last().map_or(0, |broadcast| broadcast.position);
        crate::AsOf::new(self.newest, newest.max(self.broadcasts_through))
    }

    /// The user's rows of the broadcasts that may be seen, oldest first; dismissed ones too.
    pub(super) fn rows<'b>(
        &self,
        now: i64,
        broadcasts: &'b [Broadcast],
    ) -> impl DoubleEndedIterator<Item = (Row, &'b Broadcast)> {
        let live = broadcasts.iter().filter(move |one| {
            one.body.expires_at > now && is_eligible(one.newcomers, one.body.sent_at, self.joined)
        });
        live.map(|one| (self.row(one), one))
    }

    fn row(&self, broadcast: &Broadcast) -> Row {
        let Broadcast { position, ref body, .. } = *broadcast;
        match self.own.binary_search_by_key(&position, |(position, ..)| *position) {
            Ok(at) => own_row(position, self.own[at].1, self.own[at].2, body),
            Err(_) => Row::new(position, body.until),
        }
    }

    pub(super) fn is_unread(&self, now: i64, row: &Row) -> bool {
        row.is_unread(self.through_of(row), now)
    }

    fn through_of(&self, row: &Row) -> i64 {
        let is_broadcast = ItemId::new(row.position).is_broadcast();
        if is_broadcast { self.broadcasts_through } else { self.through }
    }

    pub(super) fn item(&self, now: i64, row: &Row, body: &Body) -> Item {
        let is_broadcast = ItemId::new(row.position).is_broadcast();
        let mark = |position| {
            if !is_broadcast {
                return row.at.map(|at| Mark { position, at });
            }
            let next = self.marks.partition_point(|mark| mark.position < position);
            self.marks.get(next).copied()
        };
        item(now, row, self.through_of(row), mark, body)
    }
}

/// An item; `mark` looks up the first mark at or above a position.
pub(super) fn item(
    now: i64,
    row: &Row,
    through: i64,
    mark: impl Fn(i64) -> Option<Mark>,
    body: &Body,
) -> Item {
    let id = ItemId::new(row.position);
    let read_at =
        row.read_at(through, |position| Ok::<_, std::convert::Infallible>(mark(position)));
    let Ok(read_at) = read_at;
    Item {
        id,
        message: std::sync::Arc::clone(&body.message),
        date: from_millis(body.sent_at),
        unread: row.is_unread(through, now),
        everyone: id.is_broadcast(),
        read_at: read_at.map(from_millis),
        expires_at: NewMessage::shown_expiry(from_millis(body.expires_at)),
    }
}

/// A row of a broadcast with a state of the user's own.
pub(super) fn own_row(position: i64, state: State, at: Option<i64>, body: &Body) -> Row {
    let until = if state == State::Kept { body.expires_at } else { body.until };
    Row { position, state, until, at }
}

/// An own state of a broadcast, as state|time|expires.
pub(super) fn own_state(text: &[u8]) -> Option<(State, Option<i64>)> {
    let mut parts = text.split(|byte| *byte == b'|');
    let state = State::from_number(reply::digits(parts.next()?)?)?;
    Some((state, reply::digits(parts.next()?)))
}

fn own_states(text: &str) -> Vec<(i64, State, Option<i64>)> {
    let (mut own, mut parts) = (Vec::new(), records(text));
    while let (Some(position), Some(state)) = (parts.next(), parts.next()) {
        if let (Ok(position), Some((state, at))) = (position.parse(), own_state(state.as_bytes())) {
            own.push((position, state, at));
        }
    }
    own.sort_unstable_by_key(|(position, ..)| *position);
    own
}

/// The members of a list; none of an empty one.
fn records(text: &str) -> impl Iterator<Item = &str> {
    text.split('\u{1e}').filter(|record| !record.is_empty())
}

fn mark(text: &str) -> Option<Mark> {
    let (position, at) = text.split_once(':')?;
    Some(Mark { position: position.parse().ok()?, at: at.parse().ok()? })
}

/// States are nothing where all are new, and times where none is known.
fn items(positions: &str, states: &str, times: &str, bodies: &str) -> Option<Vec<(Row, Body)>> {
    let mut items = Vec::new();
    if positions.is_empty() {
        return Some(items);
    }
    let (mut states, mut times) = (states.bytes(), times.split(','));
    for (position, body) in positions.split(',').zip(bodies.split('\u{1e}')) {
        let state = states.next().map_or(Some(State::New), |digit| {
            State::from_number(i64::from(digit.checked_sub(b'0')?))
        })?;
        let at = times.next().and_then(|time| time.parse().ok());
        // Swept in this moment.
        if body.is_empty() {
            continue;
        }
        let body = body::parse(body)?;
        let until = if state == State::Kept { body.expires_at } else { body.until };
        items.push((Row { position: position.parse().ok()?, state, until, at }, body));
    }
    Some(items)
}

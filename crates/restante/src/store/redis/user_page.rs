//! What the page script answers: one user's items, from one snapshot.

use redis::Value;

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
    pub(super) fn decode(value: Value) -> Result<Self, Error> {
        let [
            version,
            through,
            broadcasts_through,
            joined,
            since,
            top,
            count,
            own,
            marks,
            rest @ ..,
        ] = reply::members::<13>(value)?;
        let through = reply::number(&through)?;
        let newest = through.max(reply::number(&since)?).max(reply::number(&top)?);
        Ok(Self {
            version: reply::number(&version)?,
            through,
            broadcasts_through: reply::number(&broadcasts_through)?,
            joined: reply::optional_number(&joined)?,
            newest,
            count: reply::count(&count)?,
            own: own_states(own)?,
            marks: reply::array(marks)?.iter().filter_map(mark).collect(),
            items: items(rest)?,
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

fn own_states(value: Value) -> Result<Vec<(i64, State, Option<i64>)>, Error> {
    let mut own = Vec::new();
    for pair in reply::array(value)?.chunks_exact(2) {
        if let Some((state, at)) = own_state(reply::bytes(&pair[1])) {
            own.push((reply::number(&pair[0])?, state, at));
        }
    }
    own.sort_unstable_by_key(|(position, ..)| *position);
    Ok(own)
}

fn mark(member: &Value) -> Option<Mark> {
    let text = std::str::from_utf8(reply::bytes(member)).ok()?;
    let (position, at) = text.split_once(':')?;
    Some(Mark { position: position.parse().ok()?, at: at.parse().ok()? })
}

/// Positions, bodies, states (nothing where all are new) and times.
fn items([positions, bodies, states, times]: [Value; 4]) -> Result<Vec<(Row, Body)>, Error> {
    let (positions, bodies) = (reply::array(positions)?, reply::array(bodies)?);
    let times = reply::array(times)?;
    let mut items = Vec::with_capacity(positions.len());
    for (index, (position, body)) in positions.iter().zip(&bodies).enumerate() {
        if matches!(body, Value::Nil) {
            continue;
        }
        let body = body::decode(reply::bytes(body))?;
        let number = reply::bytes(&states).get(index).map_or(1, |digit| i64::from(digit - b'0'));
        let state = State::from_number(number).unwrap_or(State::New);
        let at = times.get(index).map(reply::optional_number).transpose()?.flatten();
        let until = if state == State::Kept { body.expires_at } else { body.until };
        items.push((Row { position: reply::number(position)?, state, until, at }, body));
    }
    Ok(items)
}

//! What this process has read of messages: a body never changes, so it is asked for once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::body::Body;
use crate::store::state;

/// How old a position has to be, in milliseconds, before its body is remembered. A server that
/// lost its last writes may give their positions to other messages.
const SETTLED: i64 = 10_000;
/// How many bytes of messages are remembered, in each of two generations.
const ROOM: usize = 16 << 20;
/// About what a body takes beside its text.
const OVERHEAD: usize = 250;

/// Bodies by their positions. Those that nobody asked for are forgotten when there is no more room.
#[derive(Debug, Default)]
pub(super) struct Bodies(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<i64, Kept>,
    old: HashMap<i64, Kept>,
    /// How many bytes the young have.
    taken: usize,
}

#[derive(Clone, Debug)]
struct Kept {
    body: Body,
    size: usize,
}

impl Bodies {
    /// The bodies of these positions, where they are known.
    pub(super) fn find(&self, positions: &[i64]) -> Vec<Option<Body>> {
        let mut known = self.lock();
        positions.iter().map(|position| known.find(*position)).collect()
    }

    /// Remembers a body of so many bytes.
    pub(super) fn keep(&self, now: i64, position: i64, body: &Body, bytes: usize) {
        if position < state::position_at(now - SETTLED) {
            self.lock().add(position, Kept { body: body.clone(), size: bytes + OVERHEAD });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn find(&mut self, position: i64) -> Option<Body> {
        if let Some(kept) = self.young.get(&position) {
            return Some(kept.body.clone());
        }
        let kept = self.old.remove(&position)?;
        let body = kept.body.clone();
        self.add(position, kept);
        Some(body)
    }

    fn add(&mut self, position: i64, kept: Kept) {
        if self.taken + kept.size > ROOM {
            self.old = std::mem::take(&mut self.young);
            self.taken = 0;
        }
        let size = kept.size;
        if self.young.insert(position, kept).is_none() {
            self.taken += size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::redis::body;

    fn some_body() -> Body {
        body::parse("1\u{1f}2\u{1f}3\u{1f}4\u{1f}0\u{1f}20\u{1f}\u{1f}\u{1f}\u{1f}Ahoy").unwrap()
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_makes_room() {
        let (bodies, body, now) = (Bodies::default(), some_body(), 1_800_000_000_000);
        let large = ROOM / 10;
        for position in 0..40 {
            bodies.keep(now, position, &body, large);
            assert!(bodies.find(&[0])[0].is_some(), "{position}");
        }
        assert!(bodies.find(&[1])[0].is_none());
        assert!(bodies.find(&[39])[0].is_some());
    }

    #[test]
    fn what_has_just_come_is_not_remembered() {
        let (bodies, body, now) = (Bodies::default(), some_body(), 1_800_000_000_000);
        let just_now = state::position_at(now - SETTLED);
        bodies.keep(now, just_now, &body, 1);
        bodies.keep(now, just_now - 2, &body, 1);
        let found = bodies.find(&[just_now, just_now - 2]);
        assert!(found[0].is_none() && found[1].is_some());
    }
}

//! What this process has read of messages: a body never changes, so it is asked for once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::state;

/// How old a position has to be, in milliseconds, before its body is remembered. A server that
/// lost its last writes may give their positions to other messages.
const SETTLED: i64 = 10_000;
/// How many bytes of messages are remembered, in each of two generations.
const ROOM: usize = 16 << 20;
/// About what a body takes beside its text.
const OVERHEAD: usize = 250;

/// Bodies by their positions, as a store has them. Those that nobody asked for are forgotten when
/// there is no more room.
#[derive(Debug)]
pub(crate) struct Bodies<B>(Mutex<Generations<B>>);

#[derive(Debug)]
struct Generations<B> {
    young: HashMap<i64, Kept<B>>,
    old: HashMap<i64, Kept<B>>,
    /// How many bytes the young have.
    taken: usize,
}

#[derive(Debug)]
struct Kept<B> {
    body: B,
    size: usize,
}

impl<B> Default for Bodies<B> {
    fn default() -> Self {
        let (young, old) = (HashMap::new(), HashMap::new());
        Self(Mutex::new(Generations { young, old, taken: 0 }))
    }
}

impl<B: Clone> Bodies<B> {
    /// The bodies of these positions, where they are known.
    pub(crate) fn find(&self, positions: &[i64]) -> Vec<Option<B>> {
        let mut known = self.lock();
        positions.iter().map(|position| known.find(*position)).collect()
    }

    /// Remembers a body of so many bytes.
    pub(crate) fn keep(&self, now: i64, position: i64, body: &B, bytes: usize) {
        if position < state::position_at(now - SETTLED) {
            self.lock().add(position, Kept { body: body.clone(), size: bytes + OVERHEAD });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<B>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Clone> Generations<B> {
    fn find(&mut self, position: i64) -> Option<B> {
        if let Some(kept) = self.young.get(&position) {
            return Some(kept.body.clone());
        }
        let kept = self.old.remove(&position)?;
        let body = kept.body.clone();
        self.add(position, kept);
        Some(body)
    }

    fn add(&mut self, position: i64, kept: Kept<B>) {
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

    #[test]
    fn what_is_asked_for_stays_and_the_rest_makes_room() {
        let (bodies, now) = (Bodies::default(), 1_800_000_000_000);
        let large = ROOM / 10;
        for position in 0..40 {
            bodies.keep(now, position, &"Ahoy", large);
            assert!(bodies.find(&[0])[0].is_some(), "{position}");
        }
        assert_eq!(bodies.find(&[1, 39]), [None, Some("Ahoy")]);
    }

    #[test]
    fn what_has_just_come_is_not_remembered() {
        let (bodies, now) = (Bodies::default(), 1_800_000_000_000);
        let just_now = state::position_at(now - SETTLED);
        bodies.keep(now, just_now, &"Ahoy", 1);
        bodies.keep(now, just_now - 2, &"Ahoy", 1);
        assert_eq!(bodies.find(&[just_now, just_now - 2]), [None, Some("Ahoy")]);
    }
}

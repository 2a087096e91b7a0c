use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use super::plain::{Model, Token};
use super::request::{Left, Request};
use crate::clock::from_millis;
use crate::store::conformance::Harness;
use crate::{AsOf, MAX_POSITION, Store, UserId};

/// Ids that a careless collation, encoding or quoting would take for one another.
pub(super) const USERS: [&str; 10] =
    ["a", "A", "a ", "á", "a\u{301}", "日本", "\u{1F600}x", "o'h;--", "%", "z_"];

/// One run of operations.
pub(super) struct Sequence<'a> {
    pub(super) harness: &'a dyn Harness,
    pub(super) store: Arc<dyn Store>,
    pub(super) part_size: usize,
    pub(super) model: Model,
    pub(super) rng: fastrand::Rng,
    /// Milliseconds since 1970.
    pub(super) clock: i64,
    /// The highest position that was given out.
    pub(super) last: i64,
    /// `as_of`s of earlier pages, with their users and what the model makes of them.
    pub(super) tokens: Vec<(&'static str, AsOf, Token)>,
    pub(super) requests: Vec<Request>,
    pub(super) outbox: VecDeque<Left>,
    pub(super) refused: Vec<Left>,
    pub(super) number: usize,
    history: History,
}

/// What was done, told when it ends in a panic.
struct History {
    seed: u64,
    lines: VecDeque<String>,
}

impl Drop for History {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lines = self.lines.make_contiguous().join("\n  ");
            eprintln!("  {lines}\nto repeat: RESTANTE_TEST_SEED={}", self.seed);
        }
    }
}

impl<'a> Sequence<'a> {
    pub(super) async fn run(harness: &'a dyn Harness, seed: u64, operations: usize) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let part_size = rng.usize(2..=3);
        let mut model = Model::default();
        for user in USERS {
            model.people.entry(user.to_owned()).or_default();
        }
        let mut sequence = Self {
            harness,
            store: harness.store(part_size).await,
            part_size,
            model,
            // Now and then before the year in which positions begin.
            clock: if rng.u8(..) < 25 { 1_700_000_000_000 } else { 1_767_225_600_000 },
            rng,
            last: 0,
            tokens: Vec::new(),
            requests: Vec::new(),
            outbox: VecDeque::new(),
            refused: Vec::new(),
            number: 0,
            history: History { seed, lines: VecDeque::new() },
        };
        for number in 1..=operations {
            sequence.number = number;
            sequence.move_clock().await;
            let user = sequence.user();
            sequence.operate(user).await;
            sequence.compare(user).await;
            let other = sequence.user();
            sequence.compare(other).await;
        }
        sequence.finish().await;
    }

    async fn operate(&mut self, user: &'static str) {
        match self.rng.u32(0..100) {
            0..=22 => self.send(user).await,
            23..=27 => self.broadcast().await,
            28..=29 => self.send_again().await,
            30..=36 => self.deliver().await,
            37..=46 => self.mark_read(user).await,
            47..=54 => self.mark_unread(user).await,
            55..=58 => self.dismiss(user).await,
            59..=66 => self.mark_all(user).await,
            67..=69 => self.retract().await,
            70..=76 => self.sweep().await,
            77..=79 => self.join(user).await,
            80..=82 => self.senders_view().await,
            83 => self.forget(user).await,
            84..=89 => self.leave(user).await,
            90..=93 => self.relay().await,
            94..=96 => self.walk(user).await,
            97 => self.export(user).await,
            _ => self.note(|| "nothing".to_owned()),
        }
    }

    /// The clock of a server: mostly on, sometimes far on, sometimes back.
    async fn move_clock(&mut self) {
        let millis = match self.rng.u32(0..200) {
            0..=69 => self.rng.i64(0..12_000),
            70..=75 => self.rng.i64(60_000..400_000),
            76 => self.rng.i64(86_000_000..90_000_000),
            77..=82 => {
                // Whether something is swept before or after the clock goes back is a matter of
                // chance, which the model has no notion of.
                self.sweep_all().await;
                -self.rng.i64(0..300_000)
            }
            _ => self.rng.i64(0..3),
        };
        self.clock += millis;
        if !(0..12_000).contains(&millis) {
            self.note(|| format!("the clock moves by {millis} ms"));
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        from_millis(self.clock)
    }

    pub(super) fn user(&mut self) -> &'static str {
        USERS[self.rng.usize(..USERS.len())]
    }

    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.rng.usize(..from.len())].clone())
    }

    /// One of the user's latest items, or another user's, or nonsense.
    pub(super) fn item_of(&mut self, user: &str) -> i64 {
        let owner = if self.chance(80) { user } else { self.user() };
        let latest = self.model.people[owner].held.keys().rev().take(25);
        let latest: Vec<i64> = latest.copied().collect();
        match self.pick(&latest) {
            Some(position) if !self.chance(3) => position,
            _ => self.rng.i64(-1..=MAX_POSITION),
        }
    }

    /// Checks that a position is above all that were given out before.
    pub(super) fn took(&mut self, position: i64) {
        assert!(position > self.last, "{position} does not rise above {}", self.last);
        assert!(position <= MAX_POSITION, "{position} has more than 53 bits");
        self.last = position;
    }

    pub(super) fn note(&mut self, line: impl FnOnce() -> String) {
        if self.history.lines.len() == 25 {
            self.history.lines.pop_front();
        }
        let line = format!("{} at {}: {}", self.number, self.clock, line());
        self.history.lines.push_back(line);
    }
}

pub(super) fn id(user: &str) -> UserId {
    UserId::new(user).unwrap()
}

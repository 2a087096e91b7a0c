//! The writer's transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::hints::{self, Hints};
use super::sending::{self, Plan};
use super::session::Session;
use super::{Result, directory};
use crate::Error;
use crate::store::group::{Transaction, Wanted};
use crate::store::{Day, Sent, state};

/// Locks the clock. Everything that writes holds it from its first statement to its commit, so
/// writers of all processes come one after another and need no other order of locks.
const LOCK: &str = "SELECT version, forgotten FROM restante_clock FOR UPDATE";
/// Read in a statement after the lock: one statement may look before it has waited.
const LAST: &str = "SELECT last_value FROM restante_position";
const MOVE: &str = "SELECT setval('restante_position', $1)";
const CHANGE_VIEW: &str = "UPDATE restante_clock SET version = version + 1";
const FORGET: &str = "UPDATE restante_clock SET forgotten = forgotten + 1";
const COUNT: &str = "
    INSERT INTO restante_days(day, slot, sent, read, read_all) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (day, slot) DO UPDATE SET sent = restante_days.sent + excluded.sent,
    read = restante_days.read + excluded.read,
    read_all = restante_days.read_all + excluded.read_all";
const TEXT_AT: &str = "SELECT text FROM restante_messages WHERE id = $1";
/// Rows that the figures of one day are spread over.
const SLOTS: i16 = 32;

/// A transaction that holds the clock. Several callers' work goes on in it at once: their statements
/// are queued on the connection, so that a group takes as many round trips as its longest member.
#[derive(Debug)]
pub(super) struct Tx {
    pub(super) session: Arc<Session>,
    clock: Mutex<Clock>,
    /// This process, for the hints it gives.
    origin: u64,
}

#[derive(Debug)]
struct Clock {
    last: i64,
    is_moved: bool,
    forgotten: i64,
    days: Vec<Day>,
    hints: Hints,
}

impl Tx {
    /// Begins and waits for the clock, as long as `patience`.
    pub(super) async fn begin(
        session: Arc<Session>,
        patience: Duration,
        origin: u64,
    ) -> Result<Self> {
        // Prepared before they are needed, so that they are sent in this order.
        for sql in [LOCK, LAST] {
            session.statement(sql).await?;
        }
        // The lock's time limit is this transaction's alone: a pooler lends the connection to others.
        let begin = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {}",
            patience.as_millis()
        );
        let answers = tokio::try_join!(
            biased;
            session.batch(&begin),
            session.query_one(LOCK, &[]),
            session.query_one(LAST, &[]),
        );
        let read = answers.and_then(|((), clock, last)| {
            Ok(Clock {
                last: last.try_get(0)?,
                is_moved: false,
                forgotten: clock.try_get(1)?,
                days: Vec::new(),
                hints: Hints::default(),
            })
        });
        match read {
            Ok(clock) => Ok(Self { session, clock: Mutex::new(clock), origin }),
            Err(error) => {
                let _ = session.batch("ROLLBACK").await;
                Err(error)
            }
        }
    }

    /// Takes the next position: even, for a personal item; with the lowest bit set, for a broadcast.
    pub(super) fn position(&self, now: i64) -> i64 {
        let mut clock = self.clock();
        clock.last = state::next_position(clock.last, now);
        clock.is_moved = true;
        clock.last
    }

    /// The last position given out.
    pub(super) fn last(&self) -> i64 {
        self.clock().last
    }

    /// One more user is.
    pub(super) async fn count_forgotten(&self) -> Result<()> {
        self.clock().forgotten += 1;
        self.session.execute(FORGET, &[]).await.map(|_| ())
    }

    /// What readers keep in memory (broadcasts, positions being retracted) changes.
    pub(super) async fn change_shared_view(&self) -> Result<()> {
        self.session.execute(CHANGE_VIEW, &[]).await.map(|_| ())
    }

    /// Adds to the figures of the day of `now`.
    pub(super) fn count(&self, now: i64, add: impl FnOnce(&mut Day)) {
        let day = now.div_euclid(86_400_000);
        let days = &mut self.clock().days;
        if let Some(known) = days.iter_mut().find(|known| known.day == day) {
            return add(known);
        }
        let mut new = Day { day, ..Day::default() };
        add(&mut new);
        days.push(new);
    }

    /// Other processes are told this once it is committed.
    pub(super) fn hint(&self, tell: impl FnOnce(&mut Hints)) {
        tell(&mut self.clock().hints);
    }

    /// Whether all that is counted is of one day, and so takes one statement.
    pub(super) fn is_of_one_day(&self) -> bool {
        self.clock().days.len() <= 1
    }

    /// Prepares what [`finish`](Self::finish) needs: what is not prepared yet would be sent too late.
    pub(super) async fn prepare_end(&self) -> Result<()> {
        for sql in [MOVE, COUNT, hints::TELL] {
            self.session.statement(sql).await?;
        }
        Ok(())
    }

    /// Writes what was gathered: all but the commit. What was written is not written again.
    async fn finish(&self) -> Result<()> {
        let (last, is_moved, days, payloads) = {
            let mut clock = self.clock();
            let (days, payloads) =
                (std::mem::take(&mut clock.days), clock.hints.payloads(self.origin));
            (clock.last, std::mem::take(&mut clock.is_moved), days, payloads)
        };
        let tell = async {
            if !payloads.is_empty() {
                self.session.query(hints::TELL, &[&payloads]).await?;
            }
            Ok(())
        };
        let moved = async {
            if is_moved {
                self.session.query_one(MOVE, &[&last]).await?;
            }
            Ok(())
        };
        let slot = fastrand::i16(..SLOTS);
        let counted = async {
            for day in days {
                let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                let figures = [number(day.sent), number(day.read), number(day.read_all)];
                let [sent, read, read_all] = &figures;
                self.session.execute(COUNT, &[&day.day, &slot, sent, read, read_all]).await?;
            }
            Ok(())
        };
        tokio::try_join!(biased; moved, counted, tell).map(|((), (), ())| ())
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        // Never held across a statement; every change leaves it whole.
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transaction for Tx {
    type Plan<'a> = Plan<'a>;
    type Failure = tokio_postgres::Error;

    fn forgotten(&self) -> i64 {
        self.clock().forgotten
    }

    async fn plan<'a>(
        &self,
        wanted: &'a [Wanted<'a>],
    ) -> Result<(Vec<std::result::Result<Sent, Error>>, Plan<'a>)> {
        sending::plan(self, wanted).await
    }

    fn is_simple(&self, plan: &Self::Plan<'_>) -> bool {
        plan.is_simple(self)
    }

    async fn write(&self, plan: &mut Self::Plan<'_>) -> Result<()> {
        plan.write(self).await
    }

    async fn write_and_commit(&self, plan: &mut Self::Plan<'_>) -> Result<()> {
        plan.write_and_commit(self).await
    }

    async fn keep(&self, ids: &[i64]) -> Result<()> {
        directory::keep(&self.session, ids).await
    }

    async fn text_at(&self, position: i64) -> Result<Option<String>> {
        let row = self.session.query_opt(TEXT_AT, &[&position]).await?;
        row.map(|row| row.try_get(0)).transpose()
    }

    async fn commit(&self) -> Result<()> {
        self.prepare_end().await?;
        if !self.is_of_one_day() {
            // Several statements one after another: COMMIT would overtake all but the first.
            self.finish().await?;
        }
        // If a statement fails, the server takes the commit for a rollback.
        tokio::try_join!(biased; self.finish(), self.session.batch("COMMIT")).map(|_| ())
    }

    async fn roll_back(&self) {
        if self.session.batch("ROLLBACK").await.is_err() {
            // The connection is gone, and the transaction with it.
            self.session.give_up();
        }
    }
}

//! The writer's transaction.
//!
//! It is READ COMMITTED: every statement sees what is committed when it begins. That is what a writer
//! needs that may have waited for the clock: REPEATABLE READ would go on showing the moment of the
//! first read, which is before the clock came free if anything is read earlier. It also locks no
//! gaps, so that other processes' new rows do not wait for ours.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::sending::{self, Plan};
use super::session::{Session, get};
use super::sql::{Sql, sql};
use super::{Result, directory};
use crate::Error;
use crate::store::group::{Transaction, Wanted};
use crate::store::{Day, Sent, state};

/// Locks the clock until the commit, in the transaction's first statement. Everything that writes
/// does, so writers of all processes come one after another and need no other order of locks. `InnoDB`
/// makes a commit visible before it gives its locks up, so whoever gets the clock sees all that came
/// before, and a reader never sees a position without those below it.
///
/// The row is locked rather than raised by `LAST_INSERT_ID(GREATEST(last + 2, …))`: a group takes
/// hundreds of positions, and counting them here saves a round trip for each.
const BEGIN: &str = "
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;
    SELECT last, version, forgotten FROM restante_clock FOR UPDATE";
const MOVE: &str = "
    UPDATE restante_clock SET last = ?, version = ?, forgotten = ?, writes = writes + 1";
const COUNT: &str = "
    INSERT INTO restante_days(day, sent, `read`, read_all) VALUES (?, ?, ?, ?)
    ON DUPLICATE KEY UPDATE sent = sent + VALUES(sent), `read` = `read` + VALUES(`read`),
    read_all = read_all + VALUES(read_all)";
const TEXT_AT: &str = "SELECT text FROM restante_messages WHERE id = ?";

/// A transaction that holds the clock.
#[derive(Debug)]
pub(super) struct Tx {
    pub(super) session: Arc<Session>,
    clock: Mutex<Clock>,
    /// How often this process raised `writes`.
    own_writes: Arc<AtomicI64>,
}

#[derive(Debug)]
struct Clock {
    last: i64,
    version: i64,
    forgotten: i64,
    days: Vec<Day>,
}

impl Tx {
    /// Begins and waits for the clock, as long as the session waits for locks.
    pub(super) async fn begin(session: Arc<Session>, own_writes: Arc<AtomicI64>) -> Result<Self> {
        match read_clock(&session).await {
            Ok(clock) => Ok(Self { session, clock: Mutex::new(clock), own_writes }),
            Err(error) => {
                session.give_up();
                Err(error)
            }
        }
    }

    /// Takes the next position: even, for a personal item; with the lowest bit set, for a broadcast.
    pub(super) fn position(&self, now: i64) -> i64 {
        let mut clock = self.clock();
        clock.last = state::next_position(clock.last, now);
        clock.last
    }

    /// The last position given out.
    pub(super) fn last(&self) -> i64 {
        self.clock().last
    }

    /// One more user is forgotten.
    pub(super) fn count_forgotten(&self) {
        self.clock().forgotten += 1;
    }

    /// What readers keep in memory (broadcasts, positions being retracted) changes.
    pub(super) fn change_shared_view(&self) {
        self.clock().version += 1;
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

    /// What the transaction gathered, and the commit, in one round trip: the server stops at the
    /// first of them that fails.
    fn last_words(&self) -> Sql {
        let clock = self.clock();
        let values = [clock.last.into(), clock.version.into(), clock.forgotten.into()];
        let mut statements = sql(MOVE, &values);
        for day in &clock.days {
            let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX).into();
            let values = [day.day.into(), number(day.sent), number(day.read), number(day.read_all)];
            statements = statements.then(&sql(COUNT, &values));
        }
        statements.then(&sql("COMMIT", &[]))
    }

    /// Commits, after other statements in the same round trip.
    pub(super) async fn commit_after(&self, statements: Option<Sql>) -> Result<()> {
        // Before it is done: counted afterwards it could be taken for another process's.
        self.own_writes.fetch_add(1, Ordering::AcqRel);
        let last = self.last_words();
        let all = statements.map_or(last.clone(), |statements| statements.then(&last));
        self.session.ask(&all).await.map(|_| ())
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        // Never held across a statement; every change leaves it whole.
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read_clock(session: &Session) -> Result<Clock> {
    let row = session.row(BEGIN, &[]).await?;
    let row = row.ok_or_else(|| mysql_async::Error::Other("the clock's row is gone".into()))?;
    let (last, version, forgotten) = (get(&row, 0)?, get(&row, 1)?, get(&row, 2)?);
    Ok(Clock { last, version, forgotten, days: Vec::new() })
}

impl Transaction for Tx {
    type Plan<'a> = Plan<'a>;
    type Failure = mysql_async::Error;

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
        plan.is_short()
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
        let row = self.session.row(TEXT_AT, &[position.into()]).await?;
        row.map(|row| get(&row, 0)).transpose()
    }

    async fn commit(&self) -> Result<()> {
        self.commit_after(None).await
    }

    async fn roll_back(&self) {
        // Whether it succeeds or not, what went wrong on the connection is not looked into.
        let _ = self.session.ask(&sql("ROLLBACK", &[])).await;
        self.session.give_up();
    }
}

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use crate::store::Day;
use crate::store::state;

/// How often to look whether another process has given the write lock back.
const LOOK_EVERY: Duration = Duration::from_micros(400);

/// The writer's transaction: the connection, the clock row held by it, and the day's figures.
///
/// The clock is read once when the transaction begins, which is after the write lock is taken, and
/// written once before it commits. Positions are given out in between, so they rise in the order of
/// commits, across processes too.
#[derive(Debug)]
pub(super) struct Tx<'c> {
    pub(super) conn: &'c Connection,
    last: i64,
    version: i64,
    is_clock_moved: bool,
    days: Vec<Day>,
}

impl<'c> Tx<'c> {
    /// Begins, waiting for the write lock as long as `patience`.
    ///
    /// SQLite's own waiting looks every 100 ms in the end, and a busy process leaves the lock free
    /// for much less: somebody else's single send took seconds.
    pub(super) fn begin(conn: &'c Connection, patience: Duration) -> rusqlite::Result<Self> {
        let began = Instant::now();
        while let Err(busy) = conn.prepare_cached("BEGIN IMMEDIATE")?.execute([]) {
            let is_busy = busy.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
            if !is_busy || began.elapsed() >= patience {
                return Err(busy);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        let mut tx = Self { conn, last: 0, version: 0, is_clock_moved: false, days: Vec::new() };
        let clock = conn
            .prepare_cached("SELECT last, version FROM restante_clock")
            .and_then(|mut clock| clock.query_row([], |row| Ok((row.get(0)?, row.get(1)?))));
        match clock {
            Ok((last, version)) => {
                (tx.last, tx.version) = (last, version);
                Ok(tx)
            }
            Err(error) => {
                tx.roll_back();
                Err(error)
            }
        }
    }

    /// Takes the next position: even, for a personal item; with the lowest bit set, for a broadcast.
    pub(super) fn position(&mut self, now: i64) -> i64 {
        self.last = state::next_position(self.last, now);
        self.is_clock_moved = true;
        self.last
    }

    /// The last position given out.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// What readers keep in memory (broadcasts, positions being retracted) changes.
    pub(super) fn change_shared_view(&mut self) {
        self.version += 1;
        self.is_clock_moved = true;
    }

    /// The figures of the day of `now`, to be added to those in the table.
    pub(super) fn day(&mut self, now: i64) -> &mut Day {
        let day = now.div_euclid(86_400_000);
        let at = self.days.iter().position(|d| d.day == day).unwrap_or_else(|| {
            self.days.push(Day { day, ..Day::default() });
            self.days.len() - 1
        });
        &mut self.days[at]
    }

    /// Commits. On an error nothing of it was done.
    pub(super) fn commit(mut self) -> rusqlite::Result<()> {
        let committed = self.write_clock().and_then(|()| self.write_days()).and_then(|()| {
            self.conn.prepare_cached("COMMIT")?.execute([])?;
            Ok(())
        });
        if committed.is_err() {
            self.roll_back();
        }
        committed
    }

    /// Undoes it.
    pub(super) fn roll_back(&self) {
        // After some errors (a full disk) SQLite has rolled back by itself already.
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(error = &error as &dyn std::error::Error, "rollback failed");
        }
    }

    fn write_clock(&self) -> rusqlite::Result<()> {
        if self.is_clock_moved {
            self.conn
                .prepare_cached("UPDATE restante_clock SET last = ?1, version = ?2")?
                .execute((self.last, self.version))?;
        }
        Ok(())
    }

    fn write_days(&mut self) -> rusqlite::Result<()> {
        for day in self.days.drain(..) {
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            self.conn
                .prepare_cached(
                    "INSERT INTO restante_days(day, sent, read, read_all) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT(day) DO UPDATE SET sent = sent + excluded.sent,
                     read = read + excluded.read, read_all = read_all + excluded.read_all",
                )?
                .execute((day.day, count(day.sent), count(day.read), count(day.read_all)))?;
        }
        Ok(())
    }
}

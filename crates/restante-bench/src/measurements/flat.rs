//! Whether a page, a count and a broadcast cost the same however many users are known.

use std::time::Instant;

use restante::{Restante, To};
use rusqlite::Connection;

use crate::app::{one_thread, open, user};
use crate::bench::Bench;
use crate::table::Goal::AtLeast;
use crate::table::Row;
use crate::table::Unit::PerSecond;
use crate::timing::{in_turn, rate_since};
use crate::traffic::message;
use crate::{Result, bare, reading};

/// So many users, spread over all, have items of their own.
const READERS: usize = 500;
/// A store that somebody writes to this often remembers no counts.
const COUNTS_BETWEEN_WRITES: usize = 50;
/// As flat as two runs of the same thing are: the user's look-up goes one or two levels deeper.
const FLAT: f64 = 0.7;

type Measure<'a> = &'a dyn Fn(&Known) -> Result<f64>;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let sizes =
        [1_000, 10_000, 100_000, 1_000_000].map(|users| bench.scale(users, users / 1_000 + 500));
    let mut stores = Vec::new();
    for users in sizes {
        stores.push(Known::fill(bench, users)?);
    }
    let stores: [Known; 4] = stores.try_into().map_err(|_| "one store for each size")?;
    let [a, b, c, d] = &stores;
    let rounds = bench.rounds();
    let calls = bench.scale(5_000, 50);
    let sends = bench.scale(100, 2);

    let mut rows = Vec::new();
    // Broadcasts last: those that are live then weigh on no page.
    let measures: [(&str, Measure<'_>); 3] = [
        ("page", &|known| reading::pages(&known.restante, calls, || known.reader())),
        ("count", &|known| known.count(calls)),
        ("broadcast", &|known| known.broadcast(sends)),
    ];
    for (name, measure) in measures {
        let rates = in_turn(
            rounds,
            [&mut || measure(a), &mut || measure(b), &mut || measure(c), &mut || measure(d)],
        )?;
        for (users, rate) in sizes.into_iter().zip(rates).skip(1) {
            let row = Row::new(format!("{name}, {users} users over {}", sizes[0]), PerSecond, rate);
            rows.push(row.over(rates[0]).goal(AtLeast(FLAT)));
        }
    }
    Ok(rows)
}

/// A store that knows so many users.
struct Known {
    restante: Restante,
    users: usize,
    /// Another one's, to write by.
    connection: Connection,
}

impl Known {
    fn fill(bench: &Bench, users: usize) -> Result<Self> {
        let file = bench.file();
        let restante = open(&file)?;
        let known = Self { restante, users, connection: bare::open(&file)? };
        bare::add_users(&known.connection, users)?;
        one_thread()?.block_on(async {
            for _ in 0..20 {
                let to = To::users((0..READERS).map(|reader| known.key(reader)));
                known.restante.send(message(), to).await?;
                known.restante.send(message(), To::everyone()).await?;
            }
            Ok::<_, restante::Error>(())
        })?;
        bare::settle(&known.connection)?;
        Ok(known)
    }

    fn key(&self, reader: usize) -> String {
        user(reader * (self.users / READERS))
    }

    fn reader(&self) -> String {
        self.key(fastrand::usize(..READERS))
    }

    /// Counts that are looked for in the tables; the writes between them take no part.
    fn count(&self, counts: usize) -> Result<f64> {
        let (mut batches, mut seconds) = (0.0, 0.0);
        for _ in 0..counts / COUNTS_BETWEEN_WRITES {
            bare::take_position(&self.connection)?;
            let rate = reading::counts(&self.restante, COUNTS_BETWEEN_WRITES, || self.reader())?;
            batches += 1.0;
            seconds += 1.0 / rate;
        }
        // Each batch took as many times that long as it has counts, all of them the same.
        Ok(batches / seconds)
    }

    fn broadcast(&self, sends: usize) -> Result<f64> {
        let start = Instant::now();
        one_thread()?.block_on(async {
            for _ in 0..sends {
                self.restante.send(message(), To::everyone()).await?;
            }
            Ok::<_, restante::Error>(())
        })?;
        Ok(rate_since(start, sends))
    }
}

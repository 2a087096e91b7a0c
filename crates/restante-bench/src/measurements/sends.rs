//! Durable sends: what group commit gains over one transaction for each send.

use std::time::{Duration, Instant};

use restante::Restante;
use rusqlite::Connection;
use tokio::runtime::Runtime;

use crate::app::{open, two_threads, user};
use crate::bench::Bench;
use crate::table::Goal::AtLeast;
use crate::table::Unit::{Milliseconds, PerSecond};
use crate::table::{Goal, Row};
use crate::timing::{in_turn, percentile_ms, rate_since};
use crate::traffic::{TEXT, URL, send_to_random_users};
use crate::{Result, bare};

const USERS: usize = 10_000;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (our_file, bare_file) = (bench.file(), bench.file());
    let restante = open(&our_file)?;
    // The store makes the tables of the baseline's file too.
    drop(open(&bare_file)?);
    let connection = bare::open(&bare_file)?;
    for known in [&bare::open(&our_file)?, &connection] {
        bare::add_users(known, USERS)?;
        bare::settle(known)?;
    }

    let runtime = two_threads()?;
    let mut one = Callers::new(&runtime, &restante, 1, bench.scale(2_000, 50));
    let mut few = Callers::new(&runtime, &restante, 16, bench.scale(10_000, 160));
    let mut many = Callers::new(&runtime, &restante, 256, bench.scale(20_000, 512));
    let alone = bench.scale(2_000, 50);
    let [bare_rate, one_rate, few_rate, many_rate] = in_turn(
        bench.rounds(),
        [
            &mut || send_bare(&connection, alone),
            &mut || one.send(),
            &mut || few.send(),
            &mut || many.send(),
        ],
    )?;
    // What the way to the writer's thread and back costs whoever sends alone.
    let mut rows = one.rows(one_rate, bare_rate, None);
    rows.extend(few.rows(few_rate, bare_rate, Some(AtLeast(2.0))));
    rows.extend(many.rows(many_rate, bare_rate, Some(AtLeast(6.0))));
    Ok(rows)
}

/// So many tasks, each of which sends when its last send is durable.
struct Callers<'a> {
    runtime: &'a Runtime,
    restante: &'a Restante,
    tasks: usize,
    sends: usize,
    times: Vec<Duration>,
}

impl<'a> Callers<'a> {
    fn new(runtime: &'a Runtime, restante: &'a Restante, tasks: usize, sends: usize) -> Self {
        Self { runtime, restante, tasks, sends, times: Vec::new() }
    }

    fn send(&mut self) -> Result<f64> {
        let start = Instant::now();
        let sends = send_to_random_users(self.restante, self.tasks, self.sends, USERS);
        let times = self.runtime.block_on(sends)?;
        let rate = rate_since(start, times.len());
        self.times.extend(times);
        Ok(rate)
    }

    fn rows(mut self, rate: f64, bare_rate: f64, goal: Option<Goal>) -> Vec<Row> {
        let callers = if self.tasks == 1 { "caller" } else { "callers" };
        let name = format!("durable sends, {} {callers}", self.tasks);
        let mut time = |percent| percentile_ms(&mut self.times, percent);
        let (half, most) = (time(50), time(99));
        vec![
            Row::new(&name, PerSecond, rate).over(bare_rate).goal(goal),
            Row::new(format!("{name}: p50"), Milliseconds, half),
            Row::new(format!("{name}: p99"), Milliseconds, most),
        ]
    }
}

fn send_bare(connection: &Connection, sends: usize) -> Result<f64> {
    let start = Instant::now();
    for _ in 0..sends {
        bare::transaction(connection, || {
            let user = bare::user_id(connection, &user(fastrand::usize(..USERS)))?;
            let position = bare::take_position(connection)?;
            bare::insert_message(connection, position, TEXT, URL)?;
            bare::insert_delivery(connection, user, position)
        })?;
    }
    Ok(rate_since(start, sends))
}

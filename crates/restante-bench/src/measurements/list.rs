//! A long list until everyone has it, beside the prepared loop, and what other senders notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use restante::{Restante, To};
use rusqlite::Connection;

use crate::app::{open, two_threads, user};
use crate::bench::Bench;
use crate::table::Goal::AtMost;
use crate::table::Row;
use crate::table::Unit::Milliseconds;
use crate::timing::{in_turn, percentile_ms};
use crate::traffic::{TEXT, URL, message};
use crate::{Result, bare};

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let users = bench.scale(100_000, 3_000);
    let (our_file, bare_file) = (bench.file(), bench.file());
    let restante = open(&our_file)?;
    drop(open(&bare_file)?);
    let connection = bare::open(&bare_file)?;
    for known in [&bare::open(&our_file)?, &connection] {
        bare::add_users(known, users)?;
        bare::settle(known)?;
    }
    // Sorted, which is the order that the loop is fastest in.
    let mut list: Vec<String> = (0..users).map(user).collect();
    list.sort_unstable();

    let runtime = two_threads()?;
    let mut times = Vec::new();
    let [ours, bare] = in_turn(
        bench.rounds(),
        [&mut || runtime.block_on(deliver(&restante, list.clone())), &mut || {
            loop_by_hand(&connection, &list)
        }],
    )?;
    for _ in 0..bench.rounds() {
        times.extend(runtime.block_on(send_meanwhile(&restante, &list))?);
    }
    Ok(vec![
        Row::new(format!("list of {users} users"), Milliseconds, ours).over(bare).goal(AtMost(1.5)),
        Row::new("other senders meanwhile: p50", Milliseconds, percentile_ms(&mut times, 50)),
        Row::new("other senders meanwhile: p99", Milliseconds, percentile_ms(&mut times, 99))
            .goal(AtMost(30.0)),
    ])
}

/// The time until everyone has it, in milliseconds.
async fn deliver(restante: &Restante, list: Vec<String>) -> Result<f64> {
    let start = Instant::now();
    restante.send(message(), To::users(list)).await?;
    restante.deliver_waiting(|_| {}).await?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn loop_by_hand(connection: &Connection, list: &[String]) -> Result<f64> {
    let start = Instant::now();
    bare::transaction(connection, || {
        let position = bare::take_position(connection)?;
        bare::insert_message(connection, position, TEXT, URL)?;
        for user in list {
            let id = bare::user_id(connection, user)?;
            bare::insert_delivery(connection, id, position)?;
        }
        Ok(())
    })?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

/// The times of sends to single users, one after the other, while a list is being delivered.
async fn send_meanwhile(restante: &Restante, list: &[String]) -> Result<Vec<Duration>> {
    let is_delivered = Arc::new(AtomicBool::new(false));
    let delivering = tokio::spawn({
        let (restante, list) = (restante.clone(), list.to_vec());
        let is_delivered = Arc::clone(&is_delivered);
        async move {
            let delivered = deliver(&restante, list).await;
            is_delivered.store(true, Ordering::Release);
            delivered
        }
    });
    let mut times = Vec::new();
    while !is_delivered.load(Ordering::Acquire) {
        let start = Instant::now();
        restante.send(message(), user(fastrand::usize(..list.len()))).await?;
        times.push(start.elapsed());
    }
    delivering.await??;
    Ok(times)
}

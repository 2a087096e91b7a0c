//! Marking 1,000 items read: a watermark beside the rows one by one.

use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use restante::{Inbox, Restante, To};
use rusqlite::Connection;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::app::{open, two_threads, user};
use crate::bench::Bench;
use crate::table::Goal::AtLeast;
use crate::table::Row;
use crate::table::Unit::PerSecond;
use crate::timing::{in_turn, rate_since};
use crate::traffic::message;
use crate::{Result, bare};

const ITEMS: usize = 1_000;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let rounds = bench.rounds();
    let (alone, together, by_hand) = (bench.scale(64, 2), bench.scale(64, 2), bench.scale(8, 2));
    // A file each, so that neither side pays for moving the other's log into the file.
    let (our_file, bare_file, runtime) = (bench.file(), bench.file(), two_threads()?);
    // Whoever was marked has nothing unread left, so every mark takes a user of its own.
    let restante = fill(&our_file, &runtime, rounds * (alone + together))?;
    drop(fill(&bare_file, &runtime, rounds * by_hand)?);
    let connection = bare::open(&bare_file)?;
    let mut ones = (0..rounds).map(|round| round * alone..(round + 1) * alone);
    let rest = rounds * alone;
    let mut groups =
        (0..rounds).map(|round| rest + round * together..rest + (round + 1) * together);
    let mut hands = (0..rounds).map(|round| round * by_hand..(round + 1) * by_hand);
    let [one, group, hand] = in_turn(
        rounds,
        [
            &mut || mark_one_by_one(&runtime, &restante, ones.next().unwrap_or_default()),
            &mut || mark_together(&runtime, &restante, groups.next().unwrap_or_default()),
            &mut || mark_by_hand(&connection, hands.next().unwrap_or_default()),
        ],
    )?;
    Ok(vec![
        Row::new(format!("mark all of 1,000, {together} users at once"), PerSecond, group)
            .over(hand)
            .goal(AtLeast(40.0)),
        // One fsync each on either side, which is most of what ours costs then.
        Row::new("mark all of 1,000, one after the other", PerSecond, one).over(hand),
    ])
}

fn fill(file: &Path, runtime: &Runtime, users: usize) -> Result<Restante> {
    let restante = open(file)?;
    runtime.block_on(async {
        for _ in 0..ITEMS {
            restante.send(message(), To::users((0..users).map(user))).await?;
        }
        Ok::<_, restante::Error>(())
    })?;
    bare::settle(&bare::open(file)?)?;
    Ok(restante)
}

fn inboxes(restante: &Restante, users: Range<usize>) -> Result<Vec<Inbox>> {
    Ok(users.map(|number| restante.inbox(user(number))).collect::<Result<_, _>>()?)
}

fn mark_one_by_one(runtime: &Runtime, restante: &Restante, users: Range<usize>) -> Result<f64> {
    let inboxes = inboxes(restante, users)?;
    runtime.block_on(async {
        let mut seen = Vec::new();
        for inbox in inboxes {
            seen.push((inbox.count().await?.as_of, inbox));
        }
        let start = Instant::now();
        for (as_of, inbox) in &seen {
            inbox.mark_all_read(as_of).await?;
        }
        Ok(rate_since(start, seen.len()))
    })
}

fn mark_together(runtime: &Runtime, restante: &Restante, users: Range<usize>) -> Result<f64> {
    let inboxes = inboxes(restante, users)?;
    runtime.block_on(async {
        let mut seen = Vec::new();
        for inbox in inboxes {
            seen.push((inbox.count().await?.as_of, inbox));
        }
        let (start, marks) = (Instant::now(), seen.len());
        let mut tasks = JoinSet::new();
        for (as_of, inbox) in seen {
            tasks.spawn(async move { inbox.mark_all_read(&as_of).await });
        }
        while let Some(task) = tasks.join_next().await {
            task??;
        }
        Ok(rate_since(start, marks))
    })
}

fn mark_by_hand(connection: &Connection, users: Range<usize>) -> Result<f64> {
    let mut unread = Vec::new();
    for number in users {
        let id = bare::user_id(connection, &user(number))?;
        let positions: Vec<i64> = connection
            .prepare_cached(
                "SELECT position FROM restante_deliveries WHERE user_id = ?1 AND state = 1",
            )?
            .query_map([id], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        unread.push((id, positions));
    }
    let start = Instant::now();
    for (id, positions) in &unread {
        bare::transaction(connection, || {
            let mut mark = connection.prepare_cached(
                "UPDATE restante_deliveries SET state = 0, at = 1
                 WHERE user_id = ?1 AND state = 1 AND position = ?2",
            )?;
            for position in positions {
                mark.execute((id, position))?;
            }
            Ok(())
        })?;
    }
    Ok(rate_since(start, unread.len()))
}

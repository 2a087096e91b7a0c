//! Durable sends to random users, beside the same rows written in a transaction for each send.

use std::time::{Duration, Instant};

use super::CALLERS;
use super::ground::Ground;
use super::pgbench::per_second;
use crate::Result;
use crate::bench::Bench;
use crate::table::Goal::AtLeast;
use crate::table::Row;
use crate::table::Unit::{Milliseconds, PerSecond};
use crate::timing::{in_turn, percentile_ms, rate_since};
use crate::traffic::{TEXT, URL, send_to_random_users};

pub(super) fn measure(bench: &Bench, ground: &Ground) -> Result<Vec<Row>> {
    let sends = bench.scale(20_000, CALLERS);
    let mut times: Vec<Duration> = Vec::new();
    let in_order = send_by_hand(ground.users, "SELECT version FROM restante_clock FOR UPDATE;");
    let in_no_order = send_by_hand(ground.users, "");
    let mut ours = || {
        let start = Instant::now();
        let sends = send_to_random_users(&ground.restante, CALLERS, sends, ground.users);
        let took = ground.runtime.block_on(sends)?;
        let rate = rate_since(start, took.len());
        times.extend(took);
        Ok(rate)
    };
    let by_hand = |script: &str, each| per_second(&ground.server, script, each);
    let (few, many) = (bench.scale(8, 1), bench.scale(100, 2));
    let [ours, in_order, in_no_order] = in_turn(
        bench.rounds(),
        [&mut ours, &mut || by_hand(&in_order, few), &mut || by_hand(&in_no_order, many)],
    )?;
    let name = format!("PostgreSQL: durable sends, {CALLERS} callers");
    Ok(vec![
        Row::new(format!("{name}; pgbench"), PerSecond, ours).over(in_order).goal(AtLeast(3.0)),
        // What the order of positions costs pgbench: the server commits these in groups by itself.
        Row::new(format!("{name}; pgbench without the clock"), PerSecond, ours).over(in_no_order),
        Row::new(format!("{name}: p99"), Milliseconds, percentile_ms(&mut times, 99)),
    ])
}

/// The least that a send is: the next number, the message, the item; with the clock, positions are
/// in the order of commits.
fn send_by_hand(users: usize, clock: &str) -> String {
    let last = users - 1;
    format!(
        "\\set u random(0, {last})
        BEGIN;
        {clock}
        SELECT nextval('restante_position') AS position \\gset
        INSERT INTO restante_messages(id, sender, level, text, tags, url, sent_at, inbox_until, \
         expires_at, total, recipients) VALUES (:position, 'bench', 20, '{TEXT}', 'orders', '{URL}', \
         0, 253402300799000, 253402300799000, 1, '\\x01');
        INSERT INTO restante_deliveries(user_id, state, position, until) \
         SELECT id, 1, :position, 253402300799000 FROM restante_users \
         WHERE key = 'user-' || :u::text;
        COMMIT;\n"
    )
}

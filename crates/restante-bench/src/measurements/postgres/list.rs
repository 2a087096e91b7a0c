//! A long list until everyone has it, beside a COPY of the rows that it makes, and what other
//! senders notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use restante::{MessageId, Restante, To};
use tokio_postgres::{Client, NoTls};

use super::ground::{DATABASE, Ground};
use crate::Result;
use crate::app::user;
use crate::bench::Bench;
use crate::table::Goal::AtMost;
use crate::table::Row;
use crate::table::Unit::Milliseconds;
use crate::timing::{in_turn, percentile_ms};
use crate::traffic::message;

pub(super) fn measure(bench: &Bench, ground: &Ground) -> Result<Vec<Row>> {
    let users = bench.scale(100_000, 3_000);
    let known = format!(
        "INSERT INTO restante_users(key, is_kept) SELECT 'user-' || n, true
         FROM generate_series(0, {users} - 1) n ON CONFLICT DO NOTHING"
    );
    for statement in [known.as_str(), "VACUUM ANALYZE"] {
        ground.server.sql(DATABASE, statement)?;
    }
    let list: Vec<String> = (0..users).map(user).collect();
    let (runtime, restante) = (&ground.runtime, &ground.restante);
    let copying = runtime.block_on(Copying::prepare(ground, &list))?;

    let mut times = Vec::new();
    let [ours, copy] = in_turn(
        bench.rounds(),
        [
            &mut || runtime.block_on(deliver(restante, list.clone())).map(|(_, took)| took),
            &mut || runtime.block_on(copying.copy()),
        ],
    )?;
    for _ in 0..bench.rounds() {
        times.extend(runtime.block_on(send_meanwhile(restante, &list))?);
    }
    let name = format!("PostgreSQL: list of {users} users");
    Ok(vec![
        Row::new(format!("{name}; COPY of its rows"), Milliseconds, ours)
            .over(copy)
            .goal(AtMost(2.0)),
        Row::new(
            "PostgreSQL: other senders meanwhile: p99",
            Milliseconds,
            percentile_ms(&mut times, 99),
        )
        .goal(AtMost(50.0)),
    ])
}

/// The message, and the time until everyone has it, in milliseconds.
async fn deliver(restante: &Restante, list: Vec<String>) -> Result<(MessageId, f64)> {
    let start = Instant::now();
    let sent = restante.send(message(), To::users(list)).await?;
    restante.deliver_waiting(|_| {}).await?;
    Ok((sent.id, start.elapsed().as_secs_f64() * 1e3))
}

/// The rows of a list in a file beside the server, to be copied into the same table again.
struct Copying {
    client: Client,
    copy: String,
}

impl Copying {
    async fn prepare(ground: &Ground, list: &[String]) -> Result<Self> {
        let (client, connection) =
            tokio_postgres::connect(&ground.server.url(DATABASE), NoTls).await?;
        tokio::spawn(connection);
        let (id, _) = deliver(&ground.restante, list.to_vec()).await?;
        let file = ground.server.folder().join("rows");
        let (id, file) = (id.value(), file.display());
        // At odd positions, which nothing personal has.
        client
            .batch_execute(&format!(
                "COPY (SELECT d.user_id, d.position + 1, d.until, d.message, d.at, d.state
                       FROM restante_parts p JOIN restante_deliveries d USING (position)
                       WHERE p.message = {id} AND d.message = {id}) TO '{file}'"
            ))
            .await?;
        Ok(Self { client, copy: format!("COPY restante_deliveries FROM '{file}'") })
    }

    /// How long it takes, in milliseconds. The rows are removed again.
    async fn copy(&self) -> Result<f64> {
        let start = Instant::now();
        self.client.batch_execute(&self.copy).await?;
        let took = start.elapsed().as_secs_f64() * 1e3;
        let remove = "DELETE FROM restante_deliveries WHERE position % 2 = 1";
        self.client.batch_execute(remove).await?;
        self.client.batch_execute("VACUUM restante_deliveries").await?;
        Ok(took)
    }
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

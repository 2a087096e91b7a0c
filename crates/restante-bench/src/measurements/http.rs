//! The server over HTTP, beside a handler that answers `{}`: what wrk gets through 64 connections.

use std::process::Command;
use std::time::Instant;

use restante::UserId;
use serde_json::{Value, json};

use crate::Result;
use crate::app::user;
use crate::bench::Bench;
use crate::load::Requests;
use crate::server::{Server, binary};
use crate::table::Goal::{AtLeast, AtMost};
use crate::table::Row;
use crate::table::Unit::{Bytes, Milliseconds, PerSecond};
use crate::timing::{in_turn, median};

/// How many users take turns.
const READERS: usize = 1_000;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let data = bench.data_set()?;
    let mut rows = start(bench)?;

    let server = Server::restante(&data.file)?;
    let empty = Server::empty()?;
    let key = run(&["key", "create", "--name", "bench", "--scope", "admin"], &data.file)?;
    let key = key["key"].as_str().ok_or("no key")?.to_owned();
    let readers = (0..bench.scale(READERS, 20)).map(|at| user(at * data.users / READERS));
    let tokens = readers.map(|name| token(&server, &key, &name)).collect::<Result<Vec<_>>>()?;
    let seconds = bench.scale(4, 1);
    let rounds = bench.scale(5, 1);
    let script = bench.file();
    let reads =
        |path| Requests { method: "GET", path, bearers: tokens.clone(), bodies: Vec::new() };
    let (nothing, count, page) = (reads("/"), reads("/v1/inbox/count"), reads("/v1/inbox"));
    let [empty_reads, counts, pages] = in_turn(
        rounds,
        [
            &mut || nothing.per_second(&empty.url, &script, seconds),
            &mut || count.per_second(&server.url, &script, seconds),
            &mut || page.per_second(&server.url, &script, seconds),
        ],
    )?;
    rows.push(Row::new("HTTP: count", PerSecond, counts).over(empty_reads).goal(AtLeast(0.45)));
    rows.push(Row::new("HTTP: page of 20", PerSecond, pages).over(empty_reads).goal(AtLeast(0.10)));

    let sends = |path| Requests {
        method: "POST",
        path,
        bearers: vec![key.clone(); tokens.len()],
        bodies: (0..tokens.len()).map(|at| send(&user(at))).collect(),
    };
    let (nothing, send) = (sends("/"), sends("/v1/messages"));
    let [empty_sends, ours] = in_turn(
        rounds,
        [&mut || nothing.per_second(&empty.url, &script, seconds), &mut || {
            send.per_second(&server.url, &script, seconds)
        }],
    )?;
    rows.push(Row::new("HTTP: durable send to one", PerSecond, ours).over(empty_sends));
    Ok(rows)
}

/// From the start of the process until it answers that it is ready, its memory then, and the size of
/// its binary.
fn start(bench: &Bench) -> Result<Vec<Row>> {
    let mut times = Vec::new();
    let mut resident = 0.0_f64;
    for _ in 0..bench.rounds() {
        let began = Instant::now();
        let server = Server::restante(&bench.file())?;
        ureq::get(format!("{}/readyz", server.url)).call()?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        resident = resident.max(server.resident()?);
    }
    let stripped = bench.file();
    let strip = Command::new("strip").arg("-o").arg(&stripped).arg(binary()?).status()?;
    if !strip.success() {
        return Err("the binary cannot be stripped".into());
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let size = std::fs::metadata(&stripped)?.len() as f64;
    Ok(vec![
        Row::new("server: ready on a new file", Milliseconds, median(times)).goal(AtMost(50.0)),
        Row::new("server: memory when idle", Bytes, resident).goal(AtMost(15.0 * 1024.0 * 1024.0)),
        Row::new("server: stripped binary", Bytes, size).goal(AtMost(20.0 * 1024.0 * 1024.0)),
    ])
}

/// A verb on the file.
fn run(verb: &[&str], file: &std::path::Path) -> Result<Value> {
    let database = format!("sqlite:{}", file.display());
    let output =
        Command::new(binary()?).args(verb).args(["--json", "--database", &database]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn token(server: &Server, key: &str, user: &str) -> Result<String> {
    let user = UserId::new(user)?;
    let answer = ureq::post(format!("{}/v1/users/{user}/tokens", server.url))
        .header("authorization", format!("Bearer {key}"))
        .send_empty()?
        .body_mut()
        .read_to_string()?;
    let answer: Value = serde_json::from_str(&answer)?;
    Ok(answer["token"].as_str().ok_or("no token")?.to_owned())
}

fn send(to: &str) -> Value {
    json!({
        "to": [to],
        "level": "success",
        "message": "Your export of 48,210 rows is ready",
        "url": "/exports/77",
        "tags": ["export"],
    })
}

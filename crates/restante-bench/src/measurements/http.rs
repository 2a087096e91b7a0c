//! The server over HTTP, beside a handler that answers `{}`: what wrk gets through 64 connections.

use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::bench::Bench;
use crate::over_http::OverHttp;
use crate::server::{Server, binary};
use crate::table::Goal::{AtLeast, AtMost};
use crate::table::Row;
use crate::table::Unit::{Bytes, Milliseconds, PerSecond};
use crate::timing::median;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let data = bench.data_set()?;
    let mut rows = start(bench)?;
    let http = OverHttp::start(bench, &on(&data.file), data.users, 64)?;
    let [empty, counts, pages] = http.reads()?;
    rows.push(Row::new("HTTP: count", PerSecond, counts).over(empty).goal(AtLeast(0.45)));
    rows.push(Row::new("HTTP: page of 20", PerSecond, pages).over(empty).goal(AtLeast(0.10)));
    let [empty, counts] = http.counts_beside_sends()?;
    rows.push(Row::new("HTTP: count, while others send", PerSecond, counts).over(empty));
    let [empty, sends] = http.sends()?;
    rows.push(Row::new("HTTP: durable send to one", PerSecond, sends).over(empty));
    Ok(rows)
}

fn on(file: &std::path::Path) -> String {
    format!("sqlite:{}", file.display())
}

/// From the start of the process until it answers that it is ready, its memory then, and the size of
/// its binary.
fn start(bench: &Bench) -> Result<Vec<Row>> {
    let mut times = Vec::new();
    let mut resident = 0.0_f64;
    for _ in 0..bench.rounds() {
        let began = Instant::now();
        let server = Server::restante(&on(&bench.file()))?;
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

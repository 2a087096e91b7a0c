//! The server on PostgreSQL over HTTP, through 32 connections.

use super::ground::{DATABASE, Ground};
use crate::Result;
use crate::bench::Bench;
use crate::over_http::OverHttp;
use crate::table::Row;
use crate::table::Unit::PerSecond;

pub(super) fn measure(bench: &Bench, ground: &Ground) -> Result<Vec<Row>> {
    let http = OverHttp::start(bench, &ground.server.url(DATABASE), ground.users, 32)?;
    let [empty, counts, pages] = http.reads()?;
    let [empty_sends, sends] = http.sends()?;
    Ok(vec![
        Row::new("PostgreSQL, HTTP: count", PerSecond, counts).over(empty),
        Row::new("PostgreSQL, HTTP: page of 20", PerSecond, pages).over(empty),
        Row::new("PostgreSQL, HTTP: durable send to one", PerSecond, sends).over(empty_sends),
    ])
}

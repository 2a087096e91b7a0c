//! The server on PostgreSQL over HTTP, through 32 connections, and what it costs on both sides.

use super::ground::{DATABASE, Ground};
use crate::Result;
use crate::bench::Bench;
use crate::over_http::OverHttp;
use crate::processor::seconds_with_children;
use crate::table::Row;
use crate::table::Unit::{Bytes, Microseconds, PerSecond};

pub(super) fn measure(bench: &Bench, ground: &Ground) -> Result<Vec<Row>> {
    let http = OverHttp::start(bench, &ground.server.url(DATABASE), ground.users, 32)?;
    let [empty, counts, pages] = http.reads()?;
    let database = ground.process()?;
    // What comes together is cheaper: as many as there can be, and as few as on a day at rest.
    let costs = |callers| http.costs(callers, || seconds_with_children(database));
    let costs = [(32, costs(32)?), (4, costs(4)?)];
    let [empty_sends, sends] = http.sends()?;
    let mut rows = vec![
        Row::new("PostgreSQL, HTTP: count", PerSecond, counts).over(empty),
        Row::new("PostgreSQL, HTTP: page of 20", PerSecond, pages).over(empty),
        Row::new("PostgreSQL, HTTP: durable send to one", PerSecond, sends).over(empty_sends),
    ];
    // The processors' time does not depend on how many of them there are, nor on wrk's share.
    for (callers, costs) in costs {
        for (what, [server, database]) in ["count", "page", "send"].into_iter().zip(costs) {
            let name = format!("PostgreSQL, HTTP: processor time of a {what}, {callers} callers");
            rows.push(Row::new(format!("{name}: server"), Microseconds, server));
            rows.push(Row::new(format!("{name}: database"), Microseconds, database));
        }
    }
    rows.push(Row::new("PostgreSQL, HTTP: memory of the server", Bytes, http.resident()?));
    Ok(rows)
}

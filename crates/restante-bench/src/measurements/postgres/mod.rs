//! On a PostgreSQL of its own, beside what PostgreSQL's own `pgbench` gets out of it.
//!
//! Both sides have 64 callers and reach the server over TCP; server and callers share the machine.
//! `ground` is the server with its data, `pgbench` the other side.

mod bytes;
mod ground;
mod http;
mod list;
mod pages;
mod pgbench;
mod sends;

use ground::Ground;

use crate::Result;
use crate::bench::Bench;
use crate::table::Row;

/// How many callers there are at once.
const CALLERS: usize = 64;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let Some(ground) = Ground::prepare(bench)? else {
        return Ok(Vec::new());
    };
    let mut rows = bytes::measure(&ground)?;
    rows.extend(pages::measure(bench, &ground)?);
    // Before there are sends, which leave more to count and nothing vacuumed.
    rows.extend(http::measure(bench, &ground)?);
    rows.extend(sends::measure(bench, &ground)?);
    // Last: it leaves twice as many users and rows.
    rows.extend(list::measure(bench, &ground)?);
    Ok(rows)
}

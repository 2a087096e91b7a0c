//! One measurement each.

mod bytes;
mod flat;
mod http;
mod list;
mod mark_all;
mod mysql;
mod page;
mod postgres;
mod redis;
mod redis_cluster;
mod sends;
mod streams;

use crate::Result;
use crate::bench::Bench;
use crate::table::Row;

type Measure = fn(&Bench) -> Result<Vec<Row>>;

/// All of them with the names by which they are asked for, in the order of the table.
pub(crate) const ALL: [(&str, Measure); 12] = [
    ("sends", sends::measure),
    ("page", page::measure),
    ("mark-all", mark_all::measure),
    ("flat", flat::measure),
    ("list", list::measure),
    ("bytes", bytes::measure),
    ("http", http::measure),
    ("streams", streams::measure),
    ("mysql", mysql::measure),
    ("postgres", postgres::measure),
    ("redis", redis::measure),
    ("redis-cluster", redis_cluster::measure),
];

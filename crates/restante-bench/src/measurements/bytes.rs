//! How much of the file a delivery takes, as SQLite itself counts.

use crate::bench::Bench;
use crate::table::Goal::AtMost;
use crate::table::Row;
use crate::table::Unit::Bytes;
use crate::{Result, bare};

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let connection = bare::open(&bench.data_set()?.file)?;
    let bytes: f64 = connection.query_row(
        "SELECT (SELECT CAST(sum(pgsize) AS REAL) FROM dbstat WHERE name = 'restante_deliveries')
              / (SELECT count(*) FROM restante_deliveries)",
        [],
        |row| row.get(0),
    )?;
    Ok(vec![Row::new("bytes a delivery", Bytes, bytes).goal(AtMost(32.0))])
}

//! What the tables take on the disk, with their indexes.

use super::ground::{DATABASE, Ground};
use crate::Result;
use crate::table::Row;
use crate::table::Unit::Bytes;

pub(super) fn measure(ground: &Ground) -> Result<Vec<Row>> {
    let take = |what: &str, table: &str, without: &str| -> Result<Row> {
        let sql = format!(
            "SELECT (pg_total_relation_size('{table}') - {without})::float8 / count(*) FROM {table}"
        );
        let bytes: f64 = ground.server.sql(DATABASE, &sql)?.trim().parse()?;
        Ok(Row::new(format!("PostgreSQL: bytes a {what}"), Bytes, bytes))
    };
    // Of a list the users are kept with the message, some two bytes each.
    let lists = "COALESCE(sum(octet_length(recipients)) FILTER (WHERE total > 1), 0)";
    Ok(vec![
        take("message to one", "restante_messages", lists)?,
        take("delivery", "restante_deliveries", "0")?,
        take("user", "restante_users", "0")?,
    ])
}

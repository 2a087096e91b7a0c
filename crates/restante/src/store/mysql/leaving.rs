//! The outbox's other end: rows that an app leaves on a connection of its own.

use super::sql::{Rows, Sql, Value};
use crate::store::OutboxRow;

const LEAVE: &str = "
    INSERT INTO restante_outbox(recipient, level, message, tags, url, data, expires_at, `key`)
    VALUES";

/// The statements that leave rows in this order. Each text says its character set, so they mean the
/// same whatever the connection speaks.
pub(crate) fn statements(rows: &[OutboxRow]) -> impl Iterator<Item = String> {
    let mut gathered = Rows::default();
    for row in rows {
        let values = [
            Value::Text(&row.recipient),
            row.level.into(),
            Value::Text(&row.message),
            Value::Text(&row.tags),
            text(row.url.as_deref()),
            text(row.data.as_deref()),
            row.expires_at.into(),
            text(row.key.as_deref()),
        ];
        gathered.add(LEAVE, &values);
    }
    gathered.into_statements().into_iter().map(Sql::into_text)
}

fn text(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::Null, Value::Text)
}

//! Rows by column: in PostgreSQL any number of them is one statement with an array for each column.

use crate::store::OutboxRow;

/// Its parameters are the fields of [`Columns`], in this order. Ids follow the order of the rows.
pub(super) const LEAVE: &str = "
    INSERT INTO restante_outbox(recipient, level, message, tags, url, data, expires_at, key)
    SELECT recipient, level, message, tags, url, data, expires_at, key
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                $7::bigint[], $8::text[]) WITH ORDINALITY
        new(recipient, level, message, tags, url, data, expires_at, key, place)
    ORDER BY place";

pub(super) struct Columns<'r> {
    pub(super) recipients: Vec<&'r str>,
    pub(super) levels: Vec<i64>,
    pub(super) messages: Vec<&'r str>,
    pub(super) tags: Vec<&'r str>,
    pub(super) urls: Vec<Option<&'r str>>,
    pub(super) data: Vec<Option<&'r str>>,
    pub(super) expires: Vec<Option<i64>>,
    pub(super) keys: Vec<Option<&'r str>>,
}

impl<'r> Columns<'r> {
    pub(super) fn of(rows: &'r [OutboxRow]) -> Self {
        Self {
            recipients: rows.iter().map(|row| row.recipient.as_str()).collect(),
            levels: rows.iter().map(|row| row.level).collect(),
            messages: rows.iter().map(|row| row.message.as_str()).collect(),
            tags: rows.iter().map(|row| row.tags.as_str()).collect(),
            urls: rows.iter().map(|row| row.url.as_deref()).collect(),
            data: rows.iter().map(|row| row.data.as_deref()).collect(),
            expires: rows.iter().map(|row| row.expires_at).collect(),
            keys: rows.iter().map(|row| row.key.as_deref()).collect(),
        }
    }
}

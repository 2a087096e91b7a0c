//! The outbox by tokio-postgres.

use async_trait::async_trait;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::Outbox;
use crate::Error;
use crate::store::OutboxRow;
use crate::store::postgres::error;

const LEAVE: &str = "
    INSERT INTO restante_outbox(recipient, level, message, tags, url, data, expires_at, key)
    SELECT recipient, level, message, tags, url, data, expires_at, key
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                $7::bigint[], $8::text[]) WITH ORDINALITY
        new(recipient, level, message, tags, url, data, expires_at, key, place)
    ORDER BY place";

#[async_trait]
impl Outbox for Transaction<'_> {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        let recipients: Vec<&str> = rows.iter().map(|row| row.recipient.as_str()).collect();
        let levels: Vec<i64> = rows.iter().map(|row| row.level).collect();
        let messages: Vec<&str> = rows.iter().map(|row| row.message.as_str()).collect();
        let tags: Vec<&str> = rows.iter().map(|row| row.tags.as_str()).collect();
        let urls: Vec<Option<&str>> = rows.iter().map(|row| row.url.as_deref()).collect();
        let data: Vec<Option<&str>> = rows.iter().map(|row| row.data.as_deref()).collect();
        let expires: Vec<Option<i64>> = rows.iter().map(|row| row.expires_at).collect();
        let keys: Vec<Option<&str>> = rows.iter().map(|row| row.key.as_deref()).collect();
        // With its types named it takes one round trip and nothing is prepared.
        let (text, number) = (Type::TEXT_ARRAY, Type::INT8_ARRAY);
        self.query_typed(
            LEAVE,
            &[
                (&recipients, text.clone()),
                (&levels, number.clone()),
                (&messages, text.clone()),
                (&tags, text.clone()),
                (&urls, text.clone()),
                (&data, text.clone()),
                (&expires, number),
                (&keys, text),
            ],
        )
        .await
        .map(|_| ())
        .map_err(error)
    }
}

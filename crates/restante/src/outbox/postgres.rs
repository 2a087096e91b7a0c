//! The outbox by tokio-postgres.

use async_trait::async_trait;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::Outbox;
use super::columns::{Columns, LEAVE};
use crate::Error;
use crate::store::OutboxRow;
use crate::store::postgres::error;

#[async_trait]
impl Outbox for Transaction<'_> {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        let new = Columns::of(rows);
        // With its types named it takes one round trip and nothing is prepared.
        let (text, number) = (Type::TEXT_ARRAY, Type::INT8_ARRAY);
        self.query_typed(
            LEAVE,
            &[
                (&new.recipients, text.clone()),
                (&new.levels, number.clone()),
                (&new.messages, text.clone()),
                (&new.tags, text.clone()),
                (&new.urls, text.clone()),
                (&new.data, text.clone()),
                (&new.expires, number),
                (&new.keys, text),
            ],
        )
        .await
        .map(|_| ())
        .map_err(error)
    }
}

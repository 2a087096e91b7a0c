//! The outbox by sqlx, on PostgreSQL.

use async_trait::async_trait;
use sqlx::{PgConnection, Postgres, Transaction};

use super::Outbox;
use super::columns::{Columns, LEAVE};
use super::sqlx_failure::error;
use crate::Error;
use crate::store::OutboxRow;

#[async_trait]
impl Outbox for PgConnection {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        let new = Columns::of(rows);
        let leave = sqlx::query(LEAVE)
            .bind(new.recipients)
            .bind(new.levels)
            .bind(new.messages)
            .bind(new.tags)
            .bind(new.urls)
            .bind(new.data)
            .bind(new.expires)
            .bind(new.keys);
        leave.execute(self).await.map(|_| ()).map_err(|source| error("postgres", source))
    }
}

#[async_trait]
impl Outbox for Transaction<'_, Postgres> {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        (**self).leave(rows).await
    }
}

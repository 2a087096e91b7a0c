//! The outbox by sqlx, on MySQL and MariaDB.

use async_trait::async_trait;
use sqlx::{MySql, MySqlConnection, QueryBuilder, Transaction};

use super::Outbox;
use super::sqlx_failure::error;
use crate::Error;
use crate::store::OutboxRow;

/// Rows in one statement. Those of a longer list are several, of which all but the last are the same
/// text, so that it is prepared once.
const AT_ONCE: usize = 500;

#[async_trait]
impl Outbox for MySqlConnection {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        for some in rows.chunks(AT_ONCE) {
            // Ids follow the order of a statement's rows.
            let mut leave = QueryBuilder::<MySql>::new(
                "INSERT INTO restante_outbox
                    (recipient, level, message, tags, url, data, expires_at, `key`) ",
            );
            leave.push_values(some, |mut new, row| {
                new.push_bind(&row.recipient)
                    .push_bind(row.level)
                    .push_bind(&row.message)
                    .push_bind(&row.tags)
                    .push_bind(&row.url)
                    .push_bind(&row.data)
                    .push_bind(row.expires_at)
                    .push_bind(&row.key);
            });
            let left = leave.build().execute(&mut *self).await;
            left.map_err(|source| error("mysql", source))?;
        }
        Ok(())
    }
}

#[async_trait]
impl Outbox for Transaction<'_, MySql> {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        (**self).leave(rows).await
    }
}

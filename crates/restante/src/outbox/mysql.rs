//! The outbox by `mysql_async`, on MySQL and MariaDB.

use async_trait::async_trait;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Transaction};

use super::Outbox;
use crate::Error;
use crate::store::OutboxRow;
use crate::store::mysql::{error, leaving};

#[async_trait]
impl Outbox for Transaction<'_> {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        leave(self, rows).await
    }
}

/// On a connection without a transaction the rows are left at once; those of a list of thousands in
/// several statements, of which a failure may keep the last.
#[async_trait]
impl Outbox for Conn {
    async fn leave(&mut self, rows: &[OutboxRow]) -> Result<(), Error> {
        leave(self, rows).await
    }
}

async fn leave(connection: &mut impl Queryable, rows: &[OutboxRow]) -> Result<(), Error> {
    for statement in leaving::statements(rows) {
        connection.query_drop(statement).await.map_err(error)?;
    }
    Ok(())
}

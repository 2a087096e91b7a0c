//! One connection with its prepared statements. Callers share it: what they send is queued on it and
//! answered in order, so many wait for one round trip.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::{Result, failure};

pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) struct Session {
    client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
    is_bad: AtomicBool,
}

impl Session {
    pub(super) fn new(client: Client) -> Self {
        Self { client, statements: Mutex::default(), is_bad: AtomicBool::new(false) }
    }

    /// Whether it is worth trying.
    pub(super) fn is_usable(&self) -> bool {
        !self.client.is_closed() && !self.is_bad.load(Ordering::Relaxed)
    }

    /// It is not to be used any more: nobody knows what is under way on it.
    pub(super) fn give_up(&self) {
        self.is_bad.store(true, Ordering::Relaxed);
    }

    pub(super) async fn query(
        &self,
        sql: &'static str,
        values: Parameters<'_>,
    ) -> Result<Vec<Row>> {
        let statement = self.statement(sql).await?;
        self.watched(self.client.query(&statement, values).await)
    }

    pub(super) async fn query_opt(
        &self,
        sql: &'static str,
        values: Parameters<'_>,
    ) -> Result<Option<Row>> {
        let statement = self.statement(sql).await?;
        self.watched(self.client.query_opt(&statement, values).await)
    }

    pub(super) async fn query_one(&self, sql: &'static str, values: Parameters<'_>) -> Result<Row> {
        let statement = self.statement(sql).await?;
        self.watched(self.client.query_one(&statement, values).await)
    }

    pub(super) async fn execute(&self, sql: &'static str, values: Parameters<'_>) -> Result<u64> {
        let statement = self.statement(sql).await?;
        self.watched(self.client.execute(&statement, values).await)
    }

    /// Statements without parameters, one after another.
    pub(super) async fn batch(&self, sql: &str) -> Result<()> {
        self.watched(self.client.batch_execute(sql).await)
    }

    /// The statement, prepared once on this connection.
    pub(super) async fn statement(&self, sql: &'static str) -> Result<Statement> {
        if let Some(statement) = self.statements().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.watched(self.client.prepare(sql).await)?;
        self.statements().insert(sql, statement.clone());
        Ok(statement)
    }

    fn watched<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && failure::is_lost(error)
        {
            self.give_up();
        }
        result
    }

    fn statements(&self) -> MutexGuard<'_, HashMap<&'static str, Statement>> {
        // Every change of the map is a single step.
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("is_usable", &self.is_usable()).finish_non_exhaustive()
    }
}

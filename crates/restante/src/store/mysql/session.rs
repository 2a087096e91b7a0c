//! One connection, used by one caller at a time.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysql_async::prelude::{FromValue, Queryable};
use mysql_async::{Conn, DriverError, Error as DriversError, Row};
use tokio::sync::Mutex;

use super::Result;
use super::sql::{Sql, Value, sql};

pub(super) struct Session {
    conn: Mutex<Conn>,
    /// How long statements sent together may take.
    patience: Duration,
    is_bad: AtomicBool,
}

/// What one statement gave.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    /// How many rows it wrote, or found as they should be.
    pub(super) affected: u64,
}

impl Session {
    pub(super) fn new(conn: Conn, patience: Duration) -> Self {
        Self { conn: Mutex::new(conn), patience, is_bad: AtomicBool::new(false) }
    }

    /// Whether it is idle, in no transaction and in order.
    pub(super) fn is_usable(&self) -> bool {
        !self.is_bad.load(Ordering::Relaxed)
    }

    /// It is not to be used any more: nobody knows what is under way on it.
    pub(super) fn give_up(&self) {
        self.is_bad.store(true, Ordering::Relaxed);
    }

    /// Does the statements, one after another, up to the first that fails.
    pub(super) async fn ask(&self, statements: &Sql) -> Result<Vec<Answer>> {
        let mut conn = self.conn.lock().await;
        // Until it is done: a caller who goes away midway leaves an answer behind, and one that
        // failed leaves a transaction open.
        self.give_up();
        let asked = tokio::time::timeout(self.patience, all(&mut conn, statements)).await;
        let answers = asked.unwrap_or_else(|_| Err(timed_out()))?;
        self.is_bad.store(false, Ordering::Relaxed);
        Ok(answers)
    }

    /// The rows of the last statement.
    pub(super) async fn rows(
        &self,
        template: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        let mut answers = self.ask(&sql(template, values)).await?;
        Ok(answers.pop().map(|answer| answer.rows).unwrap_or_default())
    }

    /// The first row of the last statement, if there is one.
    pub(super) async fn row(
        &self,
        template: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>> {
        Ok(self.rows(template, values).await?.into_iter().next())
    }

    /// Whether a statement gives a row.
    pub(super) async fn has(&self, template: &'static str, values: &[Value<'_>]) -> Result<bool> {
        Ok(!self.rows(template, values).await?.is_empty())
    }

    /// How many rows were written, or found as they should be.
    pub(super) async fn execute(
        &self,
        template: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64> {
        self.execute_all(&sql(template, values)).await
    }

    /// The same of several statements.
    pub(super) async fn execute_all(&self, statements: &Sql) -> Result<u64> {
        Ok(self.ask(statements).await?.iter().map(|answer| answer.affected).sum())
    }
}

async fn all(conn: &mut Conn, statements: &Sql) -> Result<Vec<Answer>> {
    let mut result = conn.query_iter(statements.as_str()).await?;
    let mut answers = Vec::new();
    // A statement without rows has columns too: none of them. `is_empty` would miss the last one.
    while result.columns().is_some() {
        let affected = result.affected_rows();
        let mut rows = Vec::new();
        while let Some(row) = result.next().await? {
            rows.push(row);
        }
        answers.push(Answer { rows, affected });
    }
    Ok(answers)
}

fn timed_out() -> DriversError {
    DriversError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))
}

/// A column's value.
pub(super) fn get<T: FromValue>(row: &Row, column: usize) -> Result<T> {
    let value = row.as_ref(column).cloned().unwrap_or(mysql_async::Value::NULL);
    mysql_async::from_value_opt(value)
        .map_err(|error| DriversError::Driver(DriverError::FromValue { value: error.0 }))
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("is_usable", &self.is_usable()).finish_non_exhaustive()
    }
}

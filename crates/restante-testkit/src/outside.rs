//! Another program on the same database: it knows the tables only.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use restante::{MysqlStore, PostgresStore, RedisStore, SqliteStore, Store};

mod redis_end;

pub use redis_end::RedisEnd;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Opens the store that a URL names: `postgres://…`, `mysql://…`, `redis…://…`, or else SQLite's file.
///
/// # Errors
/// Those of the store.
pub async fn open(database: &str) -> std::result::Result<Arc<dyn Store>, restante::Error> {
    if database.starts_with("postgres://") {
        return Ok(Arc::new(PostgresStore::connect(database).await?));
    }
    if database.starts_with("mysql://") {
        return Ok(Arc::new(MysqlStore::connect(database).await?));
    }
    if database.starts_with("redis") {
        return Ok(Arc::new(RedisStore::connect(database).await?));
    }
    Ok(Arc::new(SqliteStore::open(database).await?))
}

/// A connection of its own.
#[derive(Debug)]
pub enum Outside {
    /// SQLite's file.
    Sqlite(Box<rusqlite::Connection>),
    /// A session of PostgreSQL.
    Postgres(Box<tokio_postgres::Client>),
    /// A session of MySQL or MariaDB, which takes one statement at a time.
    Mysql(Box<tokio::sync::Mutex<mysql_async::Conn>>),
    /// Connections to Redis or a cluster of it.
    Redis(RedisEnd),
}

impl Outside {
    /// Connects to the database that a URL names.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn connect(database: &str) -> Result<Self> {
        if database.starts_with("mysql://") {
            let connection = mysql_async::Conn::from_url(database).await?;
            return Ok(Self::Mysql(Box::new(connection.into())));
        }
        if database.starts_with("redis") {
            return Ok(Self::Redis(RedisEnd::connect(database).await?));
        }
        if !database.starts_with("postgres://") {
            let connection = rusqlite::Connection::open(database)?;
            connection.busy_timeout(Duration::from_secs(20))?;
            return Ok(Self::Sqlite(Box::new(connection)));
        }
        let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        Ok(Self::Postgres(Box::new(client)))
    }

    /// Leaves a message in the outbox.
    ///
    /// # Errors
    /// When nobody knows whether it is there.
    pub async fn leave(&mut self, recipient: &str, text: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.execute(
                "INSERT INTO restante_outbox(recipient, message) VALUES (?1, ?2)",
                [recipient, text],
            )? as u64,
            Self::Postgres(client) => {
                let leave = "INSERT INTO restante_outbox(recipient, message) VALUES ($1, $2)";
                client.execute(leave, &[&recipient, &text]).await?
            }
            Self::Mysql(connection) => {
                let leave = "INSERT INTO restante_outbox(recipient, message) VALUES (?, ?)";
                connection.get_mut().exec_drop(leave, (recipient, text)).await?;
                1
            }
            Self::Redis(redis) => {
                let row = format!(r#"{{"recipient": "{recipient}", "message": "{text}"}}"#);
                let mut push = redis::cmd("RPUSH");
                push.arg("restante_outbox").arg(row);
                redis.query(&push).await?
            }
        };
        Ok(())
    }

    /// How often each text was sent.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn texts(&self) -> Result<HashMap<String, i64>> {
        let select = "SELECT text, count(*) FROM restante_messages GROUP BY text";
        match self {
            Self::Sqlite(connection) => {
                let mut select = connection.prepare(select)?;
                let texts = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(texts.collect::<std::result::Result<_, _>>()?)
            }
            Self::Postgres(client) => {
                let rows = client.query(select, &[]).await?;
                rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
            }
            Self::Mysql(connection) => {
                let texts: Vec<(String, i64)> = connection.lock().await.query(select).await?;
                Ok(texts.into_iter().collect())
            }
            Self::Redis(redis) => redis.clone().texts().await,
        }
    }

    /// The number that a statement gives.
    ///
    /// # Errors
    /// When it gives none.
    pub async fn number(&self, select: &str) -> Result<i64> {
        match self {
            Self::Sqlite(connection) => Ok(connection.query_row(select, [], |row| row.get(0))?),
            Self::Postgres(client) => Ok(client.query_one(select, &[]).await?.try_get(0)?),
            Self::Mysql(connection) => {
                let number = connection.lock().await.query_first(select).await?;
                number.ok_or_else(|| "it gives no row".into())
            }
            Self::Redis(_) => Err("Redis knows no SQL".into()),
        }
    }

    /// How many long lists still wait for one part or more.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn unfinished_lists(&self) -> Result<i64> {
        if let Self::Redis(redis) = self {
            let mut waiting = redis::cmd("ZCARD");
            waiting.arg("{restante_outbox}w");
            return redis.query(&waiting).await;
        }
        self.number("SELECT count(DISTINCT message) FROM restante_parts WHERE position IS NULL")
            .await
    }

    /// Whether SQLite finds its file whole. Servers check theirs by themselves.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn is_whole(&self) -> Result<bool> {
        match self {
            Self::Sqlite(connection) => {
                let verdict: String =
                    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
                Ok(verdict == "ok")
            }
            Self::Postgres(_) | Self::Mysql(_) | Self::Redis(_) => Ok(true),
        }
    }
}

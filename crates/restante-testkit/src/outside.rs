//! Another program on the same database: it knows the tables only.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use restante::{PostgresStore, RedisStore, SqliteStore, Store};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Opens the store that a URL names: `postgres://…`, `redis…://…`, or else SQLite's file.
///
/// # Errors
/// Those of the store.
pub async fn open(database: &str) -> std::result::Result<Arc<dyn Store>, restante::Error> {
    if database.starts_with("postgres://") {
        return Ok(Arc::new(PostgresStore::connect(database).await?));
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
    /// Connections to Redis or a cluster of it.
    Redis(RedisEnd),
}

impl Outside {
    /// Connects to the database that a URL names.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn connect(database: &str) -> Result<Self> {
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
            Self::Postgres(_) | Self::Redis(_) => Ok(true),
        }
    }
}

/// Another program's way to Redis.
#[derive(Clone)]
pub enum RedisEnd {
    /// A connection to a server.
    One(Box<redis::aio::MultiplexedConnection>),
    /// One to each node of a cluster.
    Cluster(Box<redis::cluster_async::ClusterConnection>),
}

impl RedisEnd {
    async fn connect(url: &str) -> Result<Self> {
        let Some(nodes) = url.strip_prefix("redis+cluster://") else {
            let client = redis::Client::open(url)?;
            return Ok(Self::One(Box::new(client.get_multiplexed_async_connection().await?)));
        };
        let nodes = nodes.split(',').map(|node| format!("redis://{node}"));
        let client = redis::cluster::ClusterClient::new(nodes)?;
        Ok(Self::Cluster(Box::new(client.get_async_connection().await?)))
    }

    fn query<T: redis::FromRedisValue>(
        &self,
        command: &redis::Cmd,
    ) -> impl Future<Output = Result<T>> + use<T> {
        let (end, command) = (self.clone(), command.clone());
        async move {
            match end {
                Self::One(mut connection) => Ok(command.query_async(&mut *connection).await?),
                Self::Cluster(mut connection) => Ok(command.query_async(&mut *connection).await?),
            }
        }
    }

    /// Messages are the fields of one hash, their texts the ends of keys of their own.
    async fn texts(self) -> Result<HashMap<String, i64>> {
        let mut keys = redis::cmd("HKEYS");
        keys.arg("{restante_outbox}M");
        let ids: Vec<String> = self.query(&keys).await?;
        let mut texts = HashMap::new();
        for some in ids.chunks(500) {
            let mut bodies = redis::cmd("MGET");
            for id in some {
                bodies.arg(format!("{{restante_outbox}}m:{id}"));
            }
            let bodies: Vec<String> = self.query(&bodies).await?;
            for body in bodies {
                let text = body.rsplit('\u{1f}').next().unwrap_or_default();
                *texts.entry(text.to_owned()).or_default() += 1;
            }
        }
        Ok(texts)
    }
}

impl std::fmt::Debug for RedisEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisEnd")
    }
}

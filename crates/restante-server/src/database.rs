//! Which store a verb works on, and how it is opened.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use restante::{
    MemoryStore, MysqlOptions, MysqlStore, PostgresOptions, PostgresStore, RedisStore, Restante,
    SqliteOptions, SqliteStore, Store,
};

use crate::failure::Failure;

/// A `--database`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// `sqlite:FILE`: one file, kept.
    Sqlite(PathBuf),
    /// `postgres://…`: a server, with a password as like as not; so are the other URLs.
    Postgres(String),
    /// `mysql://…`: MySQL or MariaDB.
    Mysql(String),
    /// `redis://…`, `rediss://…`, `redis+cluster://…`: Redis or Valkey.
    Redis(String),
    /// `memory:`: gone when the process ends.
    Memory,
}

/// What to do about a file that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Make it: the verb writes.
    Create,
    /// Say so: the verb looks at what is there, and an empty answer from a file made this instant
    /// would hide a mistyped name.
    Refuse,
}

impl Database {
    /// Opens it for a verb that does one thing and ends.
    pub(crate) async fn open(&self, missing: Missing) -> Result<Restante, Failure> {
        match self {
            Self::Memory => Err(Failure::said(
                "`memory:` ends with the process, so only `restante serve` can use it; \
                 give `--database sqlite:FILE`",
            )),
            Self::Sqlite(file) => {
                if missing == Missing::Refuse && !file.exists() {
                    return Err(Failure::said(format!(
                        "there is no database {}; name another with --database sqlite:FILE, or \
                         make this one with `restante migrate`",
                        file.display(),
                    )));
                }
                Ok(Restante::new(SqliteStore::open(file).await?).without_background())
            }
            Self::Postgres(url) => {
                Ok(Restante::new(PostgresStore::connect(url).await?).without_background())
            }
            Self::Mysql(url) => {
                Ok(Restante::new(MysqlStore::connect(url).await?).without_background())
            }
            Self::Redis(url) => {
                Ok(Restante::new(RedisStore::connect(url).await?).without_background())
            }
        }
    }

    /// Opens it for a verb that writes very much, and makes it if it is missing.
    pub(crate) async fn open_to_fill(&self) -> Result<Restante, Failure> {
        let Self::Sqlite(file) = self else {
            return self.open(Missing::Create).await;
        };
        // A file that is mapped counts as memory of the process, which would seem to grow with it.
        // What mapping is for, readers on several threads, there is none of.
        let store = SqliteOptions::new().mmap_bytes(0).open(file).await?;
        Ok(Restante::new(store).without_background())
    }

    /// Opens the store for a process that stays. A server need not be there yet: until it is, what
    /// the store is asked fails with `Transient` errors.
    pub(crate) async fn open_to_serve(&self) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(file) => Arc::new(SqliteStore::open(file).await?),
            Self::Postgres(url) => Arc::new(PostgresOptions::new().connect_lazily(url)?),
            Self::Mysql(url) => Arc::new(MysqlOptions::new().connect_lazily(url)?),
            Self::Redis(url) => Arc::new(RedisStore::connect(url).await?),
        })
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
            Self::Mysql(_) => f.write_str("mysql://…"),
            Self::Redis(_) => f.write_str("redis://…"),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::Sqlite("restante.db".into())
    }
}

impl FromStr for Database {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        if url == "memory:" {
            return Ok(Self::Memory);
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        if url.starts_with("mysql://") {
            return Ok(Self::Mysql(url.to_owned()));
        }
        let of_redis = ["redis://", "rediss://", "redis+cluster://", "rediss+cluster://"];
        if of_redis.iter().any(|scheme| url.starts_with(scheme)) {
            return Ok(Self::Redis(url.to_owned()));
        }
        let Some(file) = url.strip_prefix("sqlite:") else {
            return Err("must be `sqlite:FILE`, `postgres://…`, `mysql://…`, `redis://…`, \
                        `redis+cluster://…` or `memory:`"
                .to_owned());
        };
        // Others write `sqlite://file.db` and `sqlite:///var/lib/file.db`.
        let file = file.strip_prefix("//").unwrap_or(file);
        match file {
            "" => Err("a file is missing after `sqlite:`".to_owned()),
            ":memory:" => Err("for a database in memory say `memory:`".to_owned()),
            file => Ok(Self::Sqlite(file.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_file_or_memory_and_nothing_else() {
        let sqlite = |file: &str| Ok(Database::Sqlite(file.into()));
        assert_eq!("sqlite:a.db".parse(), sqlite("a.db"));
        assert_eq!("sqlite:/var/a.db".parse(), sqlite("/var/a.db"));
        assert_eq!("sqlite:///var/a.db".parse(), sqlite("/var/a.db"));
        assert_eq!("memory:".parse(), Ok(Database::Memory));
        let url = "postgres://app:secret@localhost/a";
        let postgres: Database = url.parse().unwrap();
        assert_eq!(postgres, Database::Postgres(url.to_owned()));
        assert_eq!(format!("{postgres:?}"), "postgres://…", "no password is told");
        let url = "redis+cluster://:secret@a:7000,b:7001";
        let redis: Database = url.parse().unwrap();
        assert_eq!(redis, Database::Redis(url.to_owned()));
        assert_eq!(format!("{redis:?}"), "redis://…", "no password is told");
        for bad in ["", "a.db", "sqlite:", "sqlite::memory:", "mssql://localhost/a"] {
            assert!(bad.parse::<Database>().is_err(), "{bad}");
        }
    }
}

//! Which store a verb works on, and how it is opened.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use restante::{MemoryStore, Restante, SqliteStore, Store};

use crate::failure::Failure;

/// A `--database`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// `sqlite:FILE`: one file, kept.
    Sqlite(PathBuf),
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
        }
    }

    /// Opens the store for a process that stays.
    pub(crate) async fn open_to_serve(&self) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(file) => Arc::new(SqliteStore::open(file).await?),
        })
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
        let Some(file) = url.strip_prefix("sqlite:") else {
            return Err("must be `sqlite:FILE` or `memory:`".to_owned());
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
        for bad in ["", "a.db", "sqlite:", "sqlite::memory:", "postgres://localhost/a"] {
            assert!(bad.parse::<Database>().is_err(), "{bad}");
        }
    }
}

//! Where a Django site keeps its messages.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use serde::Serialize;

/// An app whose messages are imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum App {
    /// django-stored-messages: inbox and archive
    StoredMessages,
    /// django-dbmessages: one table, all unread
    Dbmessages,
}

impl App {
    /// As it is written on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::StoredMessages => "stored-messages",
            Self::Dbmessages => "dbmessages",
        }
    }
}

/// A `--source`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// `sqlite:FILE`: the site's database, or a copy of it.
    Sqlite(PathBuf),
    /// `postgres://…`, with a password as like as not; so are the other URLs.
    Postgres(String),
    /// `mysql://…`: MySQL or MariaDB.
    Mysql(String),
    /// `redis://…`: what stored-messages keeps there.
    Redis(String),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
            Self::Mysql(_) => f.write_str("mysql://…"),
            Self::Redis(_) => f.write_str("redis://…"),
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let begins = |schemes: &[&str]| schemes.iter().any(|scheme| url.starts_with(scheme));
        if begins(&["postgres://", "postgresql://"]) {
            return Ok(Self::Postgres(url.to_owned()));
        }
        if let Some(rest) = url.strip_prefix("mysql://").or_else(|| url.strip_prefix("mariadb://"))
        {
            return Ok(Self::Mysql(format!("mysql://{rest}")));
        }
        if begins(&["redis://", "rediss://"]) {
            return Ok(Self::Redis(url.to_owned()));
        }
        let Some(file) = url.strip_prefix("sqlite:") else {
            return Err(
                "must be `sqlite:FILE`, `postgres://…`, `mysql://…` or `redis://…`".to_owned()
            );
        };
        // Others write `sqlite://file.db` and `sqlite:///var/lib/file.db`.
        match file.strip_prefix("//").unwrap_or(file) {
            "" | ":memory:" => Err("a file is missing after `sqlite:`".to_owned()),
            file => Ok(Self::Sqlite(file.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_file_or_a_server() {
        let sqlite = |file: &str| Ok(Source::Sqlite(file.into()));
        assert_eq!("sqlite:db.sqlite3".parse(), sqlite("db.sqlite3"));
        assert_eq!("sqlite:///srv/db.sqlite3".parse(), sqlite("/srv/db.sqlite3"));
        let mariadb = "mariadb://site:secret@localhost/site".parse::<Source>().unwrap();
        assert_eq!(mariadb, Source::Mysql("mysql://site:secret@localhost/site".to_owned()));
        for url in ["postgres://u:secret@h/d", "mysql://u:secret@h/d", "redis://:secret@h/1"] {
            let source: Source = url.parse().unwrap();
            assert!(!format!("{source:?}").contains("secret"), "no password is told");
        }
        for bad in ["", "db.sqlite3", "sqlite:", "sqlite::memory:", "redis+cluster://a:7000"] {
            assert!(bad.parse::<Source>().is_err(), "{bad}");
        }
    }
}

//! What is asked of the apps' tables.

use super::{ARCHIVE, DBMESSAGES, INBOX, MESSAGES};
use crate::import::App;

/// What differs between the databases.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    /// The date as text: with a `Z` where it is known to be UTC, else without.
    pub(super) date: String,
    /// Whether there is a column for the url.
    pub(super) has_url: bool,
    /// What makes a whole number of 64 bits of a column, and what makes text of it.
    pub(super) whole: fn(&str) -> String,
    pub(super) text: fn(&str) -> String,
}

/// What is asked of one app's tables.
#[derive(Debug)]
pub(super) struct Queries {
    pub(super) count: String,
    pub(super) messages: String,
    pub(super) recipients: String,
    /// For each table of recipients: its name, and which of its rows are of no message.
    pub(super) astray: Vec<(&'static str, String)>,
}

impl App {
    pub(super) fn tables(self) -> &'static [&'static str] {
        match self {
            Self::StoredMessages => &[MESSAGES, INBOX, ARCHIVE],
            Self::Dbmessages => &[DBMESSAGES],
        }
    }

    pub(super) fn queries(self, dialect: &Dialect) -> Queries {
        let (whole, text) = (dialect.whole, dialect.text);
        let date = &dialect.date;
        match self {
            Self::StoredMessages => {
                let url = if dialect.has_url { "url" } else { "NULL" };
                let (id, level) = (whole("id"), whole("level"));
                let (of, user) = (whole("r.message_id"), text("r.user_id"));
                let astray = |table| {
                    let id = whole("r.id");
                    let astray = format!(
                        "SELECT {id} FROM {table} r LEFT JOIN {MESSAGES} m ON m.id = r.message_id
                         WHERE m.id IS NULL ORDER BY r.id"
                    );
                    (table, astray)
                };
                Queries {
                    count: format!("SELECT count(*) FROM {MESSAGES}"),
                    messages: format!(
                        "SELECT {id}, message, {level}, tags, {date}, {url} FROM {MESSAGES}
                         ORDER BY date, id"
                    ),
                    recipients: format!(
                        "SELECT {of}, {user}, r.unread FROM (
                             SELECT message_id, user_id, 1 AS unread FROM {INBOX} UNION ALL
                             SELECT message_id, user_id, 0 AS unread FROM {ARCHIVE}) r
                         JOIN {MESSAGES} m ON m.id = r.message_id ORDER BY m.date, m.id"
                    ),
                    astray: [INBOX, ARCHIVE].map(astray).into(),
                }
            }
            Self::Dbmessages => {
                let (id, level, user) = (whole("id"), whole("level"), text("to_user_id"));
                Queries {
                    count: format!("SELECT count(*) FROM {DBMESSAGES}"),
                    messages: format!(
                        "SELECT {id}, message, {level}, extra_tags, NULL, NULL FROM {DBMESSAGES}
                         ORDER BY id"
                    ),
                    recipients: format!("SELECT {id}, {user}, 1 FROM {DBMESSAGES} ORDER BY id"),
                    astray: Vec::new(),
                }
            }
        }
    }
}

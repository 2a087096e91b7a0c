//! The apps' tables, read as one stream of messages in the order of their dates.
//!
//! Two statements run side by side, one for the messages and one for who has them, in the same order
//! and from the same snapshot. So nothing is held in memory but the message at hand with its
//! recipients, and no index of the site's is needed. The databases sort; they put aside what does not
//! fit, outside of the site's tables.

mod mysql;
mod postgres;
mod sqlite;

use std::vec;

pub(super) use self::mysql::read_mysql;
pub(super) use self::postgres::read_postgres;
pub(super) use self::sqlite::read_sqlite;
use super::App;
use super::found::{Found, Level, List, Recipient, Text};
use super::importer::Importer;
use super::report::Reason;
use crate::failure::Failure;

/// Rows that are taken from a database at once.
const AT_ONCE: usize = 500;

/// How many places are looked up of what is left out.
const EXAMPLES: usize = 5;

/// A message as its row has it.
#[derive(Debug)]
struct MessageRow {
    id: i64,
    text: Text,
    level: Level,
    tags: Text,
    /// Without one: nothing.
    date: Option<String>,
    url: Option<Text>,
}

/// That a user has a message.
#[derive(Debug)]
struct RecipientRow {
    message: i64,
    user: String,
    list: List,
}

/// The two statements while they run. Both give up to [`AT_ONCE`] rows at a time, in the order of
/// the messages' dates and ids; none at the end.
trait Rows {
    async fn messages(&mut self) -> Result<Vec<MessageRow>, Failure>;
    async fn recipients(&mut self) -> Result<Vec<RecipientRow>, Failure>;
}

/// What differs between the databases.
#[derive(Clone, Debug)]
struct Dialect {
    /// The date as text: with a `Z` where it is known to be UTC, else without.
    date: String,
    /// Whether there is a column for the url.
    has_url: bool,
    /// What makes a whole number of 64 bits of a column, and what makes text of it.
    whole: fn(&str) -> String,
    text: fn(&str) -> String,
}

/// What is asked of one app's tables.
#[derive(Debug)]
struct Queries {
    count: String,
    messages: String,
    recipients: String,
    /// For each table of recipients: its name, and which of its rows are of no message.
    astray: Vec<(&'static str, String)>,
}

const MESSAGES: &str = "stored_messages_message";
const INBOX: &str = "stored_messages_inbox";
const ARCHIVE: &str = "stored_messages_messagearchive";
const DBMESSAGES: &str = "dbmessages_message";

/// The columns without which a table is not the app's.
const NEEDED: [(&str, &[&str]); 4] = [
    (MESSAGES, &["id", "message", "level", "tags", "date"]),
    (INBOX, &["id", "message_id", "user_id"]),
    (ARCHIVE, &["id", "message_id", "user_id"]),
    (DBMESSAGES, &["id", "level", "message", "extra_tags", "to_user_id"]),
];

impl App {
    fn tables(self) -> &'static [&'static str] {
        match self {
            Self::StoredMessages => &[MESSAGES, INBOX, ARCHIVE],
            Self::Dbmessages => &[DBMESSAGES],
        }
    }

    /// The column that says who has a message, with its table.
    fn users(self) -> (&'static str, &'static str) {
        match self {
            Self::StoredMessages => (ARCHIVE, "user_id"),
            Self::Dbmessages => (DBMESSAGES, "to_user_id"),
        }
    }

    fn queries(self, dialect: &Dialect) -> Queries {
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

/// Which apps are imported: the one that is asked for, or all whose tables are there. `columns` are
/// those of each table that is.
fn apps(asked: Option<App>, columns: &[(&str, Vec<String>)]) -> Result<Vec<App>, Failure> {
    let of = |table: &str| columns.iter().find(|(name, _)| *name == table).map(|(_, all)| all);
    let is_there = |app: App| of(app.tables()[0]).is_some();
    let all = [App::StoredMessages, App::Dbmessages].into_iter();
    let apps: Vec<App> = match asked {
        Some(app) => vec![app],
        None => all.filter(|app| is_there(*app)).collect(),
    };
    if apps.is_empty() {
        return Err(Failure::said(format!(
            "the source has neither {MESSAGES}, the table of django-stored-messages, nor \
             {DBMESSAGES}, that of django-dbmessages; is it the site's database? What \
             stored-messages keeps in Redis is imported from there, with --source redis://…"
        )));
    }
    for table in apps.iter().flat_map(|app| app.tables()) {
        let Some(found) = of(table) else {
            return Err(Failure::said(format!("the source has no table {table}")));
        };
        let needed = NEEDED.iter().find(|(name, _)| name == table).map_or(&[][..], |(_, all)| all);
        if let Some(missing) = needed.iter().find(|column| !found.iter().any(|c| c == *column)) {
            return Err(Failure::said(format!(
                "the table {table} of the source has no column {missing}, so it is not the app's"
            )));
        }
    }
    Ok(apps)
}

/// Counts recipients of no message.
fn count_astray(importer: &mut Importer<'_>, table: &str, count: u64, ids: &[i64]) {
    let mut rest = count;
    for id in ids {
        importer.report().skipped.add(Reason::NoMessage, 1, &format!("{table} {id}"));
        rest -= 1;
    }
    importer.report().skipped.add(Reason::NoMessage, rest, "");
}

/// Puts messages and recipients together.
async fn take_all(
    app: App,
    rows: &mut impl Rows,
    importer: &mut Importer<'_>,
) -> Result<(), Failure> {
    let mut others = vec::IntoIter::default();
    let mut next: Option<RecipientRow> = None;
    loop {
        let messages = rows.messages().await?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let mut recipients = Vec::new();
            loop {
                if next.is_none() {
                    if others.len() == 0 {
                        others = rows.recipients().await?.into_iter();
                    }
                    next = others.next();
                }
                match next.take_if(|next| next.message == message.id) {
                    Some(RecipientRow { user, list, .. }) => {
                        recipients.push(Recipient { user, list });
                    }
                    None => break,
                }
            }
            importer.take(message.found(app, recipients)).await?;
        }
    }
    // They come from one snapshot in one order, so there is none left: else they were put to the
    // wrong messages.
    match next {
        None => Ok(()),
        Some(left) => Err(Failure::said(format!(
            "the database did not give messages and recipients in the same order (recipients of \
             message {} were left over)",
            left.message,
        ))),
    }
}

impl MessageRow {
    fn found(self, app: App, recipients: Vec<Recipient>) -> Found {
        let Self { id, text, level, tags, date, url } = self;
        let (own_id, date) = match app {
            App::StoredMessages => {
                let date = date.unwrap_or_default();
                (format!("{date}:{id:012}"), Some(date))
            }
            App::Dbmessages => (format!("{id:012}"), None),
        };
        let place = format!("{} {id}", app.tables()[0]);
        Found { app, place, id: own_id, level, text, tags, url, date, recipients }
    }
}

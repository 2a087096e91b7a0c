//! The apps' tables, read as one stream of messages in the order of their dates.
//!
//! Two statements run side by side, one for the messages and one for who has them, in the same order
//! and from the same snapshot. So nothing is held in memory but the message at hand with its
//! recipients, and no index of the site's is needed. The databases sort; they put aside what does not
//! fit, outside of the site's tables.
//!
//! `columns` says what is there, `queries` what is asked; `sqlite`, `postgres` and `mysql` ask.

mod columns;
mod mysql;
mod postgres;
mod queries;
mod sqlite;

use std::vec;

use self::columns::Columns;
pub(super) use self::mysql::read_mysql;
pub(super) use self::postgres::read_postgres;
use self::queries::Dialect;
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

const MESSAGES: &str = "stored_messages_message";
const INBOX: &str = "stored_messages_inbox";
const ARCHIVE: &str = "stored_messages_messagearchive";
const DBMESSAGES: &str = "dbmessages_message";

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

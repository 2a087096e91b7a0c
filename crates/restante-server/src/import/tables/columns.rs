//! Which tables and columns there are: what migrations say is not looked at.

use super::{ARCHIVE, DBMESSAGES, INBOX, MESSAGES};
use crate::failure::Failure;
use crate::import::App;

/// The columns without which a table is not the app's.
const NEEDED: [(&str, &[&str]); 4] = [
    (MESSAGES, &["id", "message", "level", "tags", "date"]),
    (INBOX, &["id", "message_id", "user_id"]),
    (ARCHIVE, &["id", "message_id", "user_id"]),
    (DBMESSAGES, &["id", "level", "message", "extra_tags", "to_user_id"]),
];

/// The columns of the apps' tables, with the types that they were declared with.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<(&'static str, Vec<(String, String)>)>);

impl Columns {
    /// All tables that may be there.
    pub(super) const TABLES: [&'static str; 4] = [MESSAGES, INBOX, ARCHIVE, DBMESSAGES];

    /// A table's columns, each with its type; none if there is no such table.
    pub(super) fn add(&mut self, table: &'static str, columns: Vec<(String, String)>) {
        if !columns.is_empty() {
            self.0.push((table, columns));
        }
    }

    fn of(&self, table: &str) -> Option<&[(String, String)]> {
        self.0.iter().find(|(name, _)| *name == table).map(|(_, columns)| columns.as_slice())
    }

    fn type_of(&self, table: &str, column: &str) -> Option<&str> {
        let mut columns = self.of(table)?.iter();
        columns.find(|(name, _)| name == column).map(|(_, declared)| declared.as_str())
    }

    /// Whether stored-messages has been migrated to keep urls.
    pub(super) fn has_url(&self) -> bool {
        self.type_of(MESSAGES, "url").is_some()
    }

    /// Whether stored-messages' dates know their zone.
    pub(super) fn has_zones(&self) -> bool {
        self.type_of(MESSAGES, "date").is_some_and(|declared| declared.contains("with time zone"))
    }

    /// Whether an app's users may be Django's UUIDs, where the database has no type for them.
    pub(super) fn may_be_hex(&self, app: App) -> bool {
        let declared = match app {
            App::StoredMessages => self.type_of(ARCHIVE, "user_id"),
            App::Dbmessages => self.type_of(DBMESSAGES, "to_user_id"),
        };
        declared == Some("char(32)")
    }

    /// Which apps are imported: the one that is asked for, or all whose tables are there.
    pub(super) fn apps(&self, asked: Option<App>) -> Result<Vec<App>, Failure> {
        let is_there = |app: &App| self.of(app.tables()[0]).is_some();
        let apps: Vec<App> = match asked {
            Some(app) => vec![app],
            None => [App::StoredMessages, App::Dbmessages].into_iter().filter(is_there).collect(),
        };
        if apps.is_empty() {
            return Err(Failure::said(format!(
                "the source has neither {MESSAGES}, the table of django-stored-messages, nor \
                 {DBMESSAGES}, that of django-dbmessages; is it the site's database? What \
                 stored-messages keeps in Redis is imported from there, with --source redis://…"
            )));
        }
        for table in apps.iter().flat_map(|app| app.tables()) {
            let Some(found) = self.of(table) else {
                return Err(Failure::said(format!("the source has no table {table}")));
            };
            let needed = NEEDED.iter().find(|(name, _)| name == table);
            let needed = needed.map_or(&[][..], |(_, columns)| columns);
            let is_missing = |column: &&&str| !found.iter().any(|(name, _)| name == **column);
            if let Some(missing) = needed.iter().find(is_missing) {
                return Err(Failure::said(format!(
                    "the table {table} of the source has no column {missing}, so it is not the app's"
                )));
            }
        }
        Ok(apps)
    }
}

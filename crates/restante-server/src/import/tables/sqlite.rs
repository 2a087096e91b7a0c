//! The site's database as a SQLite file. It is opened for reading only.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

use super::{
    AT_ONCE, App, Columns, Dialect, EXAMPLES, MessageRow, RecipientRow, Rows, count_astray,
    take_all,
};
use crate::failure::Failure;
use crate::import::found::{Level, List, Text, user_id};
use crate::import::importer::Importer;

/// What stays as it is in the path of a URI.
const IN_A_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Reads the tables of a file.
pub(in super::super) async fn read_sqlite(
    file: &Path,
    asked: Option<App>,
    importer: &mut Importer<'_>,
) -> Result<(), Failure> {
    let failed = |error: rusqlite::Error| cannot_read(file, &error);
    let conn = open(file)?;
    // One snapshot for everything.
    conn.execute_batch("BEGIN").map_err(failed)?;
    let mut columns = Columns::default();
    for table in Columns::TABLES {
        columns.add(table, columns_of(&conn, table).map_err(failed)?);
    }
    let apps = columns.apps(asked)?;
    importer.report().apps.clone_from(&apps);
    let dialect = Dialect {
        date: "date".to_owned(),
        has_url: columns.has_url(),
        // A value has a type of its own, whatever the column's is.
        whole: str::to_owned,
        text: str::to_owned,
    };
    let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).map(unsigned);
    let mut expected = 0;
    for app in &apps {
        expected += count(&app.queries(&dialect).count).map_err(failed)?;
    }
    importer.expect(expected);
    for app in apps {
        let queries = app.queries(&dialect);
        for (table, astray) in &queries.astray {
            let all = count(&format!("SELECT count(*) FROM ({astray})")).map_err(failed)?;
            let ids = first_ids(&conn, astray).map_err(failed)?;
            count_astray(importer, table, all, &ids);
        }
        let may_be_hex = columns.may_be_hex(app);
        let mut messages = conn.prepare(&queries.messages).map_err(failed)?;
        let mut recipients = conn.prepare(&queries.recipients).map_err(failed)?;
        let mut rows = SqliteRows {
            file,
            may_be_hex,
            messages: messages.query([]).map_err(failed)?,
            recipients: recipients.query([]).map_err(failed)?,
        };
        take_all(app, &mut rows, importer).await?;
    }
    Ok(())
}

/// Opens a file so that nothing of it, and nothing beside it, is written.
fn open(file: &Path) -> Result<Connection, Failure> {
    let unreadable = |error| Failure::Io(format!("cannot read {}", file.display()), error);
    let mut head = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened.take(20).read_to_end(&mut head).map_err(unreadable)?;
    // In a file with a write-ahead log even a reader makes files beside it. When nobody has it open
    // there is no log, and the file can be read as one that does not change.
    let has_log_mode = head.get(18) == Some(&2);
    let log = file.with_file_name({
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push("-wal");
        name
    });
    let is_closed = has_log_mode && std::fs::metadata(log).map_or(true, |log| log.len() == 0);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = if is_closed {
        let whole = std::path::absolute(file).map_err(unreadable)?;
        let path = utf8_percent_encode(&whole.to_string_lossy(), IN_A_PATH).to_string();
        let uri = format!("file://{path}?immutable=1");
        Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
    } else {
        Connection::open_with_flags(file, flags)
    };
    opened.map_err(|error| cannot_read(file, &error))
}

fn cannot_read(file: &Path, error: &rusqlite::Error) -> Failure {
    Failure::said(format!("cannot read {}: {error}", file.display()))
}

/// Names and declared types, in small letters; none if there is no such table.
fn columns_of(conn: &Connection, table: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let mut columns = conn.prepare("SELECT name, lower(type) FROM pragma_table_info(?1)")?;
    let columns = columns.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    columns.collect()
}

fn first_ids(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<i64>> {
    let mut ids = conn.prepare(sql)?;
    let ids = ids.query_map([], |row| row.get(0))?;
    ids.take(EXAMPLES).collect()
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

struct SqliteRows<'s> {
    file: &'s Path,
    may_be_hex: bool,
    messages: rusqlite::Rows<'s>,
    recipients: rusqlite::Rows<'s>,
}

impl SqliteRows<'_> {
    fn some<T>(
        file: &Path,
        rows: &mut rusqlite::Rows<'_>,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let mut some = Vec::with_capacity(AT_ONCE);
        let mut take = || -> rusqlite::Result<()> {
            while some.len() < AT_ONCE
                && let Some(row) = rows.next()?
            {
                some.push(read(row)?);
            }
            Ok(())
        };
        take().map_err(|error| cannot_read(file, &error))?;
        Ok(some)
    }
}

impl Rows for SqliteRows<'_> {
    async fn messages(&mut self) -> Result<Vec<MessageRow>, Failure> {
        Self::some(self.file, &mut self.messages, |row| {
            Ok(MessageRow {
                id: row.get(0)?,
                text: text(row.get_ref(1)?).unwrap_or_default(),
                level: level(row.get_ref(2)?),
                tags: text(row.get_ref(3)?).unwrap_or_default(),
                date: text(row.get_ref(4)?).map(|date| date.value),
                url: text(row.get_ref(5)?),
            })
        })
    }

    async fn recipients(&mut self) -> Result<Vec<RecipientRow>, Failure> {
        let may_be_hex = self.may_be_hex;
        Self::some(self.file, &mut self.recipients, |row| {
            let user = text(row.get_ref(1)?).unwrap_or_default();
            let list = if row.get::<_, bool>(2)? { List::Inbox } else { List::Archive };
            let user = user_id(&user.value, may_be_hex);
            Ok(RecipientRow { message: row.get(0)?, user, list })
        })
    }
}

/// A column of a SQLite table may hold anything, whatever it was declared as.
fn text(value: ValueRef<'_>) -> Option<Text> {
    match value {
        ValueRef::Null => None,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(Text::from_bytes(bytes)),
        ValueRef::Integer(number) => Some(number.to_string().into()),
        ValueRef::Real(number) => Some(number.to_string().into()),
    }
}

fn level(value: ValueRef<'_>) -> Level {
    match value {
        ValueRef::Integer(level) => Level::Number(level),
        ValueRef::Text(text) => Level::written(text),
        _ => Level::Nonsense,
    }
}

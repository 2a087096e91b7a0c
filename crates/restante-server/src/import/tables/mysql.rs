//! The site's database in MySQL or MariaDB: two connections, each with a statement whose rows are
//! taken from the wire as they are needed.

use mysql_async::prelude::{FromValue, Queryable as _};
use mysql_async::{Conn, Opts, OptsBuilder, QueryResult, Row, TextProtocol, Value};

use super::{
    AT_ONCE, App, Columns, Dialect, EXAMPLES, MessageRow, RecipientRow, Rows, count_astray,
    take_all,
};
use crate::failure::Failure;
use crate::import::found::{Level, List, Text, user_id};
use crate::import::importer::Importer;

const BEGIN: &str = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
/// How often two snapshots are taken until nothing happened in between.
const TRIES: u32 = 20;

/// Reads the tables of the database that the URL names.
pub(in super::super) async fn read_mysql(
    url: &str,
    asked: Option<App>,
    importer: &mut Importer<'_>,
) -> Result<(), Failure> {
    let options = options(url)?;
    let (mut one, mut two) = (connect(&options).await?, connect(&options).await?);
    let mut columns = Columns::default();
    for table in Columns::TABLES {
        columns.add(table, columns_of(&mut one, table).await?);
    }
    let apps = columns.apps(asked)?;
    importer.report().apps.clone_from(&apps);
    let dialect = Dialect {
        date: "DATE_FORMAT(date, '%Y-%m-%d %H:%i:%s.%f')".to_owned(),
        has_url: columns.has_url(),
        whole: str::to_owned,
        text: |column| format!("CAST({column} AS CHAR)"),
    };
    begin_together(&mut one, &mut two, &apps).await?;
    let mut expected = 0;
    for app in &apps {
        expected += number(&mut one, &app.queries(&dialect).count).await?;
    }
    importer.expect(expected);
    for app in apps {
        let queries = app.queries(&dialect);
        for (table, astray) in &queries.astray {
            let all = number(&mut one, &format!("SELECT count(*) FROM ({astray}) astray")).await?;
            let first: Vec<i64> =
                one.query(format!("{astray} LIMIT {EXAMPLES}")).await.map_err(failed)?;
            count_astray(importer, table, all, &first);
        }
        let may_be_hex = columns.may_be_hex(app);
        let messages = one.query_iter(queries.messages).await.map_err(failed)?;
        let recipients = two.query_iter(queries.recipients).await.map_err(failed)?;
        let mut rows = Streams { may_be_hex, messages, recipients };
        take_all(app, &mut rows, importer).await?;
    }
    Ok(())
}

fn options(url: &str) -> Result<Opts, Failure> {
    // The driver's own errors may hold what stands around their cause.
    let options = Opts::from_url(url).map_err(|_| {
        Failure::said(
            "--source is not a URL of MySQL: mysql://user:password@host:port/name?require_ssl=true, \
             with special characters in the password written as %XX",
        )
    })?;
    if options.db_name().is_none_or(str::is_empty) {
        return Err(Failure::said(
            "--source names no database: mysql://user:password@host:port/name",
        ));
    }
    let builder = OptsBuilder::from_opts(options)
        // It would ask whoever answers on localhost for the path of a socket, and speak there to
        // another server where the port is a tunnel's.
        .prefer_socket(false)
        // Rows stay on the server while others are sent on, which may take longer than it waits.
        .init(vec!["SET NAMES utf8mb4", "SET SESSION net_write_timeout = 3600"]);
    Ok(builder.into())
}

async fn connect(options: &Opts) -> Result<Conn, Failure> {
    Conn::new(options.clone()).await.map_err(failed)
}

/// Begins a transaction on both connections, such that both see the same.
async fn begin_together(one: &mut Conn, two: &mut Conn, apps: &[App]) -> Result<(), Failure> {
    let figures = apps
        .iter()
        .flat_map(|app| app.tables())
        .map(|table| format!("SELECT count(*), coalesce(max(id), 0) FROM {table}"))
        .collect::<Vec<_>>()
        .join(" UNION ALL ");
    for _ in 0..TRIES {
        one.query_drop(BEGIN).await.map_err(failed)?;
        two.query_drop(BEGIN).await.map_err(failed)?;
        // What came and went in between is in the numbers; ids are never used again.
        let first: Vec<(u64, i64)> = one.query(&figures).await.map_err(failed)?;
        let second: Vec<(u64, i64)> = two.query(&figures).await.map_err(failed)?;
        if first == second {
            return Ok(());
        }
    }
    Err(Failure::said(
        "the site writes so much that no moment was found to read from; import when it is quieter, \
         or from a copy",
    ))
}

/// Names and declared types, in small letters; none if there is no such table.
async fn columns_of(conn: &mut Conn, table: &str) -> Result<Vec<(String, String)>, Failure> {
    let columns = "SELECT CAST(column_name AS CHAR), lower(CAST(column_type AS CHAR))
                   FROM information_schema.columns
                   WHERE table_schema = database() AND table_name = ?";
    conn.exec(columns, (table,)).await.map_err(failed)
}

async fn number(conn: &mut Conn, sql: &str) -> Result<u64, Failure> {
    Ok(conn.query_first(sql).await.map_err(failed)?.unwrap_or(0))
}

struct Streams<'a> {
    may_be_hex: bool,
    messages: QueryResult<'a, 'static, TextProtocol>,
    recipients: QueryResult<'a, 'static, TextProtocol>,
}

/// Takes some rows from the wire.
async fn some(
    rows: &mut QueryResult<'_, 'static, TextProtocol>,
    at_most: usize,
) -> Result<Vec<Row>, Failure> {
    let mut some = Vec::with_capacity(at_most);
    // Past its end a result would go on with the next one, of which there is none.
    while some.len() < at_most && !rows.is_empty() {
        match rows.next().await.map_err(failed)? {
            Some(row) => some.push(row),
            None => break,
        }
    }
    Ok(some)
}

impl Rows for Streams<'_> {
    async fn messages(&mut self) -> Result<Vec<MessageRow>, Failure> {
        let rows = some(&mut self.messages, AT_ONCE).await?;
        let message = |mut row: Row| {
            Ok(MessageRow {
                id: get(&mut row, 0)?,
                text: text(&mut row, 1).unwrap_or_default(),
                level: text(&mut row, 2)
                    .map_or(Level::Nonsense, |level| Level::written(level.value.as_bytes())),
                tags: text(&mut row, 3).unwrap_or_default(),
                date: text(&mut row, 4).map(|date| date.value),
                url: text(&mut row, 5),
            })
        };
        rows.into_iter().map(message).collect()
    }

    async fn recipients(&mut self) -> Result<Vec<RecipientRow>, Failure> {
        let rows = some(&mut self.recipients, AT_ONCE * 4).await?;
        let may_be_hex = self.may_be_hex;
        let recipient = |mut row: Row| {
            let user = text(&mut row, 1).unwrap_or_default();
            let list = if get::<i64>(&mut row, 2)? == 1 { List::Inbox } else { List::Archive };
            let user = user_id(&user.value, may_be_hex);
            Ok(RecipientRow { message: get(&mut row, 0)?, user, list })
        };
        rows.into_iter().map(recipient).collect()
    }
}

fn get<T: FromValue>(row: &mut Row, column: usize) -> Result<T, Failure> {
    row.take_opt(column).and_then(Result::ok).ok_or_else(|| {
        Failure::said(format!("cannot read the source: column {column} is of another type"))
    })
}

fn text(row: &mut Row, column: usize) -> Option<Text> {
    match row.take::<Value, _>(column)? {
        Value::Bytes(bytes) => Some(Text::from_bytes(&bytes)),
        Value::Int(number) => Some(number.to_string().into()),
        Value::UInt(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn failed(error: mysql_async::Error) -> Failure {
    match error {
        mysql_async::Error::Server(said) => {
            Failure::said(format!("cannot read the source: {}", said.message))
        }
        error => Failure::said(format!("cannot read the source: {error}")),
    }
}

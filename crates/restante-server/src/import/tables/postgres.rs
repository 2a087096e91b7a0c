//! The site's database in PostgreSQL: two cursors in one transaction that may only read.

use restante::store::postgres::plain_client;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::{
    AT_ONCE, App, Columns, Dialect, EXAMPLES, MessageRow, RecipientRow, Rows, count_astray,
    take_all,
};
use crate::failure::Failure;
use crate::import::found::{Level, List, user_id};
use crate::import::importer::Importer;

/// Both statements see the same, whatever the site does meanwhile.
const BEGIN: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Names and types as they are declared.
const COLUMNS: &str = "
    SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped";

/// Reads the tables of a database, as its search path finds them.
pub(in super::super) async fn read_postgres(
    url: &str,
    asked: Option<App>,
    importer: &mut Importer<'_>,
) -> Result<(), Failure> {
    let client = plain_client(url).await.map_err(|error| {
        Failure::said(format!("cannot read the source: {}", Failure::from(error)))
    })?;
    client.batch_execute(BEGIN).await.map_err(failed)?;
    let mut columns = Columns::default();
    for table in Columns::TABLES {
        columns.add(table, columns_of(&client, table).await?);
    }
    let apps = columns.apps(asked)?;
    importer.report().apps.clone_from(&apps);
    let dialect = Dialect {
        // Six digits of a second, and what is in them, whatever the session's settings are.
        date: if columns.has_zones() {
            "to_char(date AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || 'Z'".to_owned()
        } else {
            "to_char(date, 'YYYY-MM-DD HH24:MI:SS.US')".to_owned()
        },
        has_url: columns.has_url(),
        whole: |column| format!("{column}::bigint"),
        text: |column| format!("{column}::text"),
    };
    let mut expected = 0;
    for app in &apps {
        expected += count(&client, &app.queries(&dialect).count).await?;
    }
    importer.expect(expected);
    for app in apps {
        let queries = app.queries(&dialect);
        for (table, astray) in &queries.astray {
            let all = count(&client, &format!("SELECT count(*) FROM ({astray}) astray")).await?;
            let first = format!("{astray} LIMIT {EXAMPLES}");
            let ids = client.query(first.as_str(), &[]).await.map_err(failed)?;
            let ids: Vec<i64> = ids.iter().map(|row| get(row, 0)).collect::<Result<_, _>>()?;
            count_astray(importer, table, all, &ids);
        }
        let mut rows = Cursors::open(&client, &queries.messages, &queries.recipients).await?;
        take_all(app, &mut rows, importer).await?;
        rows.close().await?;
    }
    client.batch_execute("COMMIT").await.map_err(failed)
}

async fn columns_of(client: &Client, table: &str) -> Result<Vec<(String, String)>, Failure> {
    let parameters: &[&(dyn ToSql + Sync)] = &[&table];
    let rows = client.query(COLUMNS, parameters).await.map_err(failed)?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

async fn count(client: &Client, sql: &str) -> Result<u64, Failure> {
    let row = client.query_one(sql, &[]).await.map_err(failed)?;
    Ok(u64::try_from(get::<i64>(&row, 0)?).unwrap_or(0))
}

/// A statement's rows, some at a time.
struct Cursors<'c> {
    client: &'c Client,
    messages: Statement,
    recipients: Statement,
}

impl<'c> Cursors<'c> {
    async fn open(client: &'c Client, messages: &str, recipients: &str) -> Result<Self, Failure> {
        let declare = format!(
            "DECLARE restante_messages NO SCROLL CURSOR FOR {messages};
             DECLARE restante_recipients NO SCROLL CURSOR FOR {recipients}"
        );
        // All rows will be asked for, so a plan that gives the first ones soon is no good.
        client.batch_execute("SET LOCAL cursor_tuple_fraction = 1").await.map_err(failed)?;
        client.batch_execute(&declare).await.map_err(failed)?;
        let fetch = async |cursor: &str, rows: usize| {
            let fetch = format!("FETCH FORWARD {rows} FROM {cursor}");
            client.prepare(&fetch).await.map_err(failed)
        };
        let messages = fetch("restante_messages", AT_ONCE).await?;
        let recipients = fetch("restante_recipients", AT_ONCE * 4).await?;
        Ok(Self { client, messages, recipients })
    }

    async fn close(self) -> Result<(), Failure> {
        let close = "CLOSE restante_messages; CLOSE restante_recipients";
        self.client.batch_execute(close).await.map_err(failed)
    }
}

impl Rows for Cursors<'_> {
    async fn messages(&mut self) -> Result<Vec<MessageRow>, Failure> {
        let rows = self.client.query(&self.messages, &[]).await.map_err(failed)?;
        let message = |row: &Row| {
            let level = get::<Option<i64>>(row, 2)?;
            Ok(MessageRow {
                id: get(row, 0)?,
                text: get::<Option<String>>(row, 1)?.unwrap_or_default().into(),
                level: level.map_or(Level::Nonsense, Level::Number),
                tags: get::<Option<String>>(row, 3)?.unwrap_or_default().into(),
                date: get(row, 4)?,
                url: get::<Option<String>>(row, 5)?.map(Into::into),
            })
        };
        rows.iter().map(message).collect()
    }

    async fn recipients(&mut self) -> Result<Vec<RecipientRow>, Failure> {
        let rows = self.client.query(&self.recipients, &[]).await.map_err(failed)?;
        let recipient = |row: &Row| {
            let user = get::<Option<String>>(row, 1)?.unwrap_or_default();
            let list = if get::<i32>(row, 2)? == 1 { List::Inbox } else { List::Archive };
            Ok(RecipientRow { message: get(row, 0)?, user: user_id(&user, false), list })
        };
        rows.iter().map(recipient).collect()
    }
}

fn get<'r, T: tokio_postgres::types::FromSql<'r>>(
    row: &'r Row,
    column: usize,
) -> Result<T, Failure> {
    row.try_get(column).map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "so that `map_err` takes it by its name")]
fn failed(error: tokio_postgres::Error) -> Failure {
    // The driver itself says no more than that the server said something.
    match error.as_db_error() {
        Some(said) => Failure::said(format!("cannot read the source: {}", said.message())),
        None => Failure::said(format!("cannot read the source: {error}")),
    }
}

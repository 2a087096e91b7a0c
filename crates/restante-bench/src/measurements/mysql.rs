//! On a MariaDB of its own, beside what MariaDB's own `mysqlslap` gets out of it.
//!
//! Both sides have 64 callers and reach the server over TCP; server and callers share the machine.
//! What `mysqlslap` asks goes in as few round trips as ours does: a page, or a whole send, in one.

use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use restante::{Filter, MysqlStore, Restante};
use restante_testkit::mariadb::{MariadbServer, or_skipped};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::Result;
use crate::app::{two_threads, user};
use crate::bench::Bench;
use crate::data_set;
use crate::table::Row;
use crate::table::Unit::{Milliseconds, PerSecond};
use crate::timing::{in_turn, percentile_ms, rate_since};
use crate::traffic::{TEXT, URL, send_to_random_users};

/// How many callers there are at once.
const CALLERS: usize = 64;
/// How many different users `mysqlslap` asks for, which has no numbers of chance.
const ASKED: usize = 1_000;
/// The one character that stands between two statements for `mysqlslap`.
const END: char = '~';

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let Some(ground) = Ground::prepare(bench)? else {
        return Ok(Vec::new());
    };
    let mut rows = ground.pages(bench)?;
    rows.extend(ground.sends(bench)?);
    Ok(rows)
}

/// A private server with the large data set.
struct Ground {
    server: MariadbServer,
    database: String,
    runtime: Runtime,
    restante: Restante,
    users: usize,
}

impl Ground {
    /// `None` without MariaDB, which is said aloud.
    fn prepare(bench: &Bench) -> Result<Option<Self>> {
        // All of the data fits: it is statements that are measured, not the disk's reading.
        let settings = ["innodb_flush_log_at_trx_commit=1", "innodb_buffer_pool_size=512M"];
        let Some(server) = or_skipped(MariadbServer::start_with(&settings)) else {
            return Ok(None);
        };
        let (url, runtime) = (server.database()?, two_threads()?);
        let database = url.rsplit('/').next().unwrap_or_default().to_owned();
        let (restante, users) = runtime.block_on(async {
            let restante = Restante::new(MysqlStore::connect(&url).await?).without_background();
            let users = data_set::send(bench, &restante).await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((restante, users))
        })?;
        let tables = "restante_users, restante_messages, restante_deliveries";
        server.sql(&database, &format!("ANALYZE TABLE {tables}"))?;
        Ok(Some(Self { server, database, runtime, restante, users }))
    }

    fn pages(&self, bench: &Bench) -> Result<Vec<Row>> {
        let pages = bench.scale(20_000, 2 * CALLERS);
        let same = self.same_statements()?;
        let [ours, same, bare] = in_turn(
            bench.rounds(),
            [
                &mut || self.runtime.block_on(read_pages(&self.restante, self.users, pages)),
                &mut || self.slap(bench, &same, pages),
                &mut || self.slap(bench, &self.of_users(bare_page), pages),
            ],
        )?;
        let name = format!("MariaDB: page, {CALLERS} callers; mysqlslap");
        Ok(vec![
            Row::new(format!("{name}, same SQL"), PerSecond, ours).over(same),
            Row::new(format!("{name}, bare page"), PerSecond, ours).over(bare),
        ])
    }

    fn sends(&self, bench: &Bench) -> Result<Vec<Row>> {
        let sends = bench.scale(10_000, 2 * CALLERS);
        let by_hand = self.of_users(send_by_hand);
        let mut times: Vec<Duration> = Vec::new();
        let mut ours = || {
            let start = Instant::now();
            let sends = send_to_random_users(&self.restante, CALLERS, sends, self.users);
            let took = self.runtime.block_on(sends)?;
            let rate = rate_since(start, took.len());
            times.extend(took);
            Ok(rate)
        };
        let [ours, by_hand] =
            in_turn(bench.rounds(), [&mut ours, &mut || self.slap(bench, &by_hand, sends)])?;
        let name = format!("MariaDB: durable sends, {CALLERS} callers");
        Ok(vec![
            Row::new(format!("{name}; mysqlslap"), PerSecond, ours).over(by_hand),
            Row::new(format!("{name}: p99"), Milliseconds, percentile_ms(&mut times, 99)),
        ])
    }

    /// What the store asks for a page, taken from the server's own log.
    fn same_statements(&self) -> Result<String> {
        let log = |state: &str| {
            self.server.sql("mysql", &format!("SET GLOBAL log_output='TABLE', general_log={state}"))
        };
        let read = || self.runtime.block_on(read_pages(&self.restante, 1, CALLERS));
        // The first page loads what the process remembers.
        read()?;
        log("ON")?;
        let done = read();
        log("OFF")?;
        done?;
        let page = self.server.sql(
            "mysql",
            "SELECT argument FROM general_log WHERE argument LIKE '%restante_deliveries%COMMIT'
             LIMIT 1",
        )?;
        let one = hex(&user(0));
        if !page.contains(&one) {
            return Err(format!("the server's log has no page of {}: {page}", user(0)).into());
        }
        // The client writes the line breaks of a text as `\n`.
        let page = page.replace("\\n", "\n");
        Ok(self.of_users(|user| page.replace(&one, &hex(user))))
    }

    /// A statement for each of some users, as `mysqlslap` reads them.
    fn of_users(&self, statement: impl Fn(&str) -> String) -> String {
        let mut all = String::new();
        for _ in 0..ASKED {
            let _ = write!(all, "{}{END}", statement(&user(fastrand::usize(..self.users))));
        }
        all
    }

    /// How many of these are done a second by 64 clients, each on a connection of its own.
    fn slap(&self, bench: &Bench, statements: &str, times: usize) -> Result<f64> {
        let file = bench.file();
        std::fs::write(&file, statements)?;
        let url = self.server.url(&self.database);
        let login = url.strip_prefix("mysql://").and_then(|rest| rest.split_once('@'));
        let (name, password) =
            login.and_then(|(login, _)| login.split_once(':')).unwrap_or_default();
        let output = Command::new("mysqlslap")
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--silent", "--csv"])
            .arg(format!("--port={}", self.server.port()))
            .args([format!("--user={name}"), format!("--password={password}")])
            .args(["--no-drop", &format!("--create-schema={}", self.database)])
            .args([format!("--delimiter={END}"), format!("--query={}", file.display())])
            .args([format!("--concurrency={CALLERS}"), format!("--number-of-queries={times}")])
            .output()
            .map_err(|error| format!("mysqlslap (Debian: mariadb-client): {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        // engine, kind of load, average seconds, least, most, clients, statements each
        let cells: Vec<&str> = said.trim().split(',').collect();
        let (true, [_, _, seconds, _, _, clients, each]) = (output.status.success(), &cells[..])
        else {
            return Err(format!("mysqlslap: {said}{errors}").into());
        };
        Ok(clients.parse::<f64>()? * each.parse::<f64>()? / seconds.parse::<f64>()?)
    }
}

/// Pages of random users by all callers at once, a second.
async fn read_pages(restante: &Restante, users: usize, pages: usize) -> Result<f64> {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let restante = restante.clone();
        callers.spawn(async move {
            for _ in 0..pages / CALLERS {
                let inbox = restante.inbox(user(fastrand::usize(..users)))?;
                black_box(inbox.list(Filter::unread()).await?);
            }
            Ok::<_, restante::Error>(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(rate_since(start, pages / CALLERS * CALLERS))
}

/// The least that shows a page: newest first, one more to know whether there is a next. Neither
/// count nor expiry nor broadcasts nor what was retracted.
fn bare_page(user: &str) -> String {
    format!(
        "SELECT d.position, d.at, m.level, m.text, m.tags, m.url, m.data, m.sent_at, m.expires_at
         FROM restante_users u STRAIGHT_JOIN restante_deliveries d
             ON d.user_id = u.id AND d.state = 1 AND d.position > u.read_through
         STRAIGHT_JOIN restante_messages m ON m.id = d.position
         WHERE u.`key` = {} ORDER BY d.position DESC LIMIT 21",
        hex(user),
    )
}

/// The least that keeps positions in the order of commits: the clock, the message, the item.
fn send_by_hand(user: &str) -> String {
    format!(
        "START TRANSACTION;
         UPDATE restante_clock SET last = LAST_INSERT_ID(last + 2), writes = writes + 1;
         SET @position = LAST_INSERT_ID();
         INSERT INTO restante_messages(id, sender, level, text, tags, url, sent_at, inbox_until,
                                       expires_at, total, recipients)
         VALUES (@position, 'bench', 20, '{TEXT}', 'orders', '{URL}', 0, 253402300799000,
                 253402300799000, 1, x'01');
         INSERT INTO restante_deliveries(user_id, state, position, until)
         SELECT id, 1, @position, 253402300799000 FROM restante_users WHERE `key` = {};
         COMMIT",
        hex(user),
    )
}

/// A user's id as statements have it.
fn hex(user: &str) -> String {
    let mut hex = "x'".to_owned();
    for byte in user.bytes() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.push('\'');
    hex
}

//! A page of 20 with its count and `as_of`, beside the two queries that one would write by hand.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rusqlite::Connection;

use crate::app::user;
use crate::bench::Bench;
use crate::table::Goal::AtLeast;
use crate::table::Row;
use crate::table::Unit::PerSecond;
use crate::timing::{in_turn, rate_since};
use crate::{Result, bare, reading};

/// Newest first, one more than the page to know whether there is a next. Neither expiry nor
/// broadcasts nor what was retracted: the least that shows a page.
const PAGE: &str = "
    SELECT d.position, d.at, m.level, m.text, m.tags, m.url, m.data, m.sent_at, m.expires_at
    FROM restante_users u
    CROSS JOIN restante_deliveries d ON d.user_id = u.id AND d.state = 1
    CROSS JOIN restante_messages m ON m.id = d.position
    WHERE u.key = ?1 AND d.position > u.read_through
    ORDER BY d.position DESC LIMIT 21";
const COUNT: &str = "
    SELECT count(*) FROM restante_users u
    CROSS JOIN restante_deliveries d ON d.user_id = u.id AND d.state = 1
    WHERE u.key = ?1 AND d.position > u.read_through";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let data = bench.data_set()?;
    let calls = bench.scale(20_000, 100);
    let random = || user(fastrand::usize(..data.users));
    let ours = || reading::pages(&data.restante, calls, random);
    let bare = || pages_by_hand(&data.file, calls, random);
    let [one, two, one_bare, two_bare] = in_turn(
        bench.rounds(),
        [&mut || ours(), &mut || on_two_threads(ours), &mut || bare(), &mut || {
            on_two_threads(bare)
        }],
    )?;
    Ok(vec![
        Row::new("page, count and as_of", PerSecond, one).over(one_bare).goal(AtLeast(0.7)),
        Row::new("page, two threads over one", PerSecond, two).over(one).goal(AtLeast(1.6)),
        // What the machine has to give to two threads just then.
        Row::new("bare page, two threads over one", PerSecond, two_bare).over(one_bare),
    ])
}

/// The rates of two threads, added up.
fn on_two_threads(work: impl Fn() -> Result<f64> + Sync) -> Result<f64> {
    std::thread::scope(|scope| {
        let other = scope.spawn(&work);
        Ok(work()? + other.join().map_err(|_| "the other thread panicked")??)
    })
}

fn pages_by_hand(file: &Path, calls: usize, user: impl Fn() -> String) -> Result<f64> {
    let connection = bare::open(file)?;
    page_by_hand(&connection, &user())?;
    let start = Instant::now();
    for _ in 0..calls {
        page_by_hand(&connection, &user())?;
    }
    Ok(rate_since(start, calls))
}

/// What a page shows, as an app would hold it.
#[derive(Debug)]
#[expect(dead_code, reason = "it is filled, which is what is measured")]
struct Shown {
    position: i64,
    read_at: Option<i64>,
    level: i64,
    text: String,
    tags: String,
    url: Option<String>,
    data: Option<String>,
    sent_at: i64,
    expires_at: i64,
}

fn page_by_hand(connection: &Connection, user: &str) -> Result<()> {
    let mut query = connection.prepare_cached(PAGE)?;
    let rows = query.query_map([user], |row| {
        Ok(Shown {
            position: row.get(0)?,
            read_at: row.get(1)?,
            level: row.get(2)?,
            text: row.get(3)?,
            tags: row.get(4)?,
            url: row.get(5)?,
            data: row.get(6)?,
            sent_at: row.get(7)?,
            expires_at: row.get(8)?,
        })
    })?;
    black_box(rows.collect::<Result<Vec<_>, _>>()?);
    let count: i64 = connection.prepare_cached(COUNT)?.query_row([user], |row| row.get(0))?;
    black_box(count);
    Ok(())
}

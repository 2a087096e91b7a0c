//! Pages, counts and sends on Redis at 64 callers, beside redis-benchmark's bare range of as many
//! members at as many clients.

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use restante::{Filter, RedisStore, Restante, To};
use restante_testkit::redis::{RedisServer, program};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::Result;
use crate::app::{two_threads, user};
use crate::bench::Bench;
use crate::table::Goal::AtLeast;
use crate::table::Row;
use crate::table::Unit::PerSecond;
use crate::timing::{in_turn, rate_since};
use crate::traffic::{message, send_to_random_users};

const CALLERS: usize = 64;
/// A set of a hundred positions.
const BARE: &str = "bare";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let server = RedisServer::start()?;
    let callers = Callers::on(bench, &server.url())?;
    fill_bare(&server)?;
    let [range, page, count, send] = in_turn(
        bench.rounds(),
        [
            &mut || range(&server, callers.calls),
            &mut || callers.pages(),
            &mut || callers.counts(),
            &mut || callers.sends(),
        ],
    )?;
    Ok(vec![
        Row::new("Redis: page, count and as_of, 64 callers", PerSecond, page)
            .over(range)
            .goal(AtLeast(0.8)),
        Row::new("Redis: count, 64 callers", PerSecond, count).over(range),
        Row::new("Redis: durable sends, 64 callers", PerSecond, send).over(range),
    ])
}

/// Those who read and send on a store that has been filled.
pub(super) struct Callers {
    runtime: Runtime,
    restante: Restante,
    users: usize,
    calls: usize,
    sends: usize,
}

impl Callers {
    pub(super) fn on(bench: &Bench, url: &str) -> Result<Self> {
        let users = bench.scale(20_000, 200);
        let runtime = two_threads()?;
        let restante = runtime.block_on(async {
            let restante = Restante::new(RedisStore::connect(url).await?).without_background();
            fill(bench, &restante, users).await?;
            restante.deliver_waiting(|_| {}).await?;
            // What was sent within ten seconds is not remembered, which on most days is little.
            tokio::time::sleep(Duration::from_secs(bench.scale(11, 0) as u64)).await;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(restante)
        })?;
        let (calls, sends) = (bench.scale(40_000, 640), bench.scale(6_400, 640));
        Ok(Self { runtime, restante, users, calls, sends })
    }

    pub(super) fn pages(&self) -> Result<f64> {
        let users = self.users;
        self.rate(self.calls, move |restante| async move {
            let inbox = restante.inbox(user(fastrand::usize(..users)))?;
            black_box(inbox.list(Filter::unread()).await?);
            Ok(())
        })
    }

    pub(super) fn counts(&self) -> Result<f64> {
        let users = self.users;
        self.rate(self.calls, move |restante| async move {
            let inbox = restante.inbox(user(fastrand::usize(..users)))?;
            black_box(inbox.count().await?);
            Ok(())
        })
    }

    /// To users who read nothing here: a page costs the same whoever's turn it was before.
    pub(super) fn sends(&self) -> Result<f64> {
        self.rate(self.sends, |restante| async move {
            restante.send(message(), other()).await.map(drop)
        })
    }

    /// To three users at once.
    pub(super) fn sends_to_three(&self) -> Result<f64> {
        self.rate(self.sends, |restante| async move {
            restante.send(message(), [other(), other(), other()]).await.map(drop)
        })
    }

    /// Does something from all callers at once and gives how often a second.
    fn rate<F, D>(&self, calls: usize, call: F) -> Result<f64>
    where
        F: Fn(Restante) -> D + Clone + Send + 'static,
        D: Future<Output = Result<(), restante::Error>> + Send,
    {
        self.runtime.block_on(async {
            let start = Instant::now();
            let mut callers = JoinSet::new();
            for _ in 0..CALLERS {
                let (restante, call) = (self.restante.clone(), call.clone());
                callers.spawn(async move {
                    for _ in 0..calls / CALLERS {
                        call(restante.clone()).await?;
                    }
                    Ok::<_, restante::Error>(())
                });
            }
            while let Some(caller) = callers.join_next().await {
                caller??;
            }
            Ok(rate_since(start, calls))
        })
    }
}

fn other() -> String {
    format!("other-{}", fastrand::u16(..))
}

/// Messages to everyone, then lists to random users and single messages by turns, so that every user
/// has more than a page.
async fn fill(bench: &Bench, restante: &Restante, users: usize) -> Result<()> {
    for _ in 0..bench.scale(100, 10) {
        restante.send(message(), To::everyone()).await?;
    }
    for _ in 0..bench.scale(100, 10) {
        for _ in 0..5 {
            let list = bench.scale(1_800, 180);
            let to = To::users((0..list).map(|_| user(fastrand::usize(..users))));
            restante.send(message(), to).await?;
        }
        send_to_random_users(restante, CALLERS, CALLERS, users).await?;
    }
    Ok(())
}

fn fill_bare(server: &RedisServer) -> Result<()> {
    let positions = (0..100).flat_map(|n| {
        let position = (129_537_000_000_000_u64 + n).to_string();
        [position.clone(), position]
    });
    let positions: Vec<_> = positions.collect();
    let mut add = vec!["ZADD", BARE];
    add.extend(positions.iter().map(String::as_str));
    server.cli(&add)?;
    Ok(())
}

/// Ranges of 20 a second, without pipelining.
fn range(server: &RedisServer, calls: usize) -> Result<f64> {
    let output = Command::new(program("redis-benchmark", "valkey-benchmark")?)
        .args(["-p", &server.port().to_string(), "-c", &CALLERS.to_string()])
        .args(["-n", &calls.to_string(), "--csv", "ZRANGE", BARE, "0", "19"])
        .output()?;
    // A heading, then the command, its rate and its times, each in quotes.
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = told.lines().last().and_then(|line| line.rsplit("\",\"").nth(6));
    Ok(rate.ok_or("redis-benchmark gives no rate")?.parse()?)
}

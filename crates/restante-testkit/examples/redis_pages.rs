//! Pages with their count from Redis at 64 callers, beside redis-benchmark's bare ranges of as many
//! members, on the same server. `cargo run --release -p restante-testkit --example redis_pages`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use restante::{Filter, Message, RedisStore, Restante};
use restante_testkit::redis::{RedisServer, program};

const CALLERS: usize = 64;
const USERS: usize = 2_000;
const ITEMS: usize = 60;
const RANGES: u32 = 100_000;
const MEASURED: Duration = Duration::from_secs(4);

#[tokio::main]
async fn main() {
    let server = RedisServer::start().unwrap();
    let restante = Restante::new(RedisStore::connect(&server.url()).await.unwrap());
    let users: Vec<String> = (0..USERS).map(|n| format!("user-{n}")).collect();
    for n in 0..ITEMS {
        let message = Message::info(format!("Export {n} is ready: it has all that you asked for"));
        restante.send(message.url("/exports/7").tag("export"), &users).await.unwrap();
    }
    for n in 0..5 {
        restante.send(Message::info(format!("all {n}")), restante::To::everyone()).await.unwrap();
    }
    // Processor time tells more than rates where other programs are at work beside this.
    for round in 0..3 {
        let start = processor(&server);
        let bare = bare(&server);
        let ranges = processor(&server) - start;
        let (start, own) = (processor(&server), own_processor());
        let pages = measure(&restante, false).await;
        let count = pages * MEASURED.as_secs_f64();
        let (server_page, own_page) = (processor(&server) - start, own_processor() - own);
        let sends = measure(&restante, true).await;
        let ratio = pages / bare;
        println!(
            "round {round}: ZRANGE of 20 {bare:.0}/s, page of 20 with count {pages:.0}/s \
             ({ratio:.2}), send {sends:.0}/s; processor time: server {:.1} us a range, {:.1} us a \
             page; caller {:.1} us a page",
            ranges / f64::from(RANGES) * 1e6,
            server_page / count * 1e6,
            own_page / count * 1e6,
        );
    }
}

/// Seconds of processor time that the server has used.
fn processor(server: &RedisServer) -> f64 {
    let info = server.cli(&["INFO", "cpu"]).unwrap();
    let of = |name: &str| -> f64 {
        let line = info.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse().unwrap()
    };
    of("used_cpu_user_main_thread:") + of("used_cpu_sys_main_thread:")
}

/// The same of this process.
fn own_processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    // In hundredths of a second.
    let ticks: u32 = fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap();
    f64::from(ticks) / 100.0
}

/// What redis-benchmark reaches with a range of 20 members and no pipelining.
fn bare(server: &RedisServer) -> f64 {
    for n in 0..100 {
        let score = n.to_string();
        server.cli(&["ZADD", "bare", &score, &format!("{}", 129_537_000_000_000_u64 + n)]).unwrap();
    }
    let output = Command::new(program("redis-benchmark", "valkey-benchmark").unwrap())
        .args(["-p", &server.port().to_string(), "-c", "64", "-n", &RANGES.to_string(), "--csv"])
        .args(["ZRANGE", "bare", "0", "19"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figures = text.lines().last().unwrap().rsplit("\",\"").collect::<Vec<_>>();
    figures[figures.len() - 2].trim_matches('"').parse().unwrap()
}

async fn measure(restante: &Restante, sends: bool) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + MEASURED;
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let (restante, done) = (restante.clone(), Arc::clone(&done));
        callers.spawn(async move {
            let mut random = fastrand::Rng::with_seed(caller as u64);
            while Instant::now() < end {
                let user = format!("user-{}", random.usize(..USERS));
                if sends {
                    restante.send(Message::info("Ahoy there"), user).await.unwrap();
                } else {
                    let page = restante.inbox(user).unwrap().list(Filter::unread()).await.unwrap();
                    assert_eq!(page.items.len(), 20);
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller.unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "a few millions")]
    let done = done.load(Ordering::Relaxed) as f64;
    done / MEASURED.as_secs_f64()
}

//! Several processes on one PostgreSQL, killed; and the server killed under them.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use restante::{Filter, Message, PostgresOptions, PostgresStore, Restante};
use restante_testkit::aftermath::check;
use restante_testkit::child::Victim;
use restante_testkit::outside::Outside;
use restante_testkit::postgres::{PostgresServer, or_skipped};
use restante_testkit::scale;
use tokio::task::JoinSet;

const VICTIM: &str = env!("CARGO_BIN_EXE_victim");
/// How soon after the server's return everything has to work again.
const RECOVERY: Duration = Duration::from_secs(5);

/// Two processes on one database. One is killed again and again, then the other one too.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_sigkill_of_one_of_two() {
    let Some(server) = or_skipped(PostgresServer::start()) else { return };
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let database = server.database().unwrap();
    let (mut kills, mut checked, mut cut_lists, mut first) = (0, 0, 0, 1);
    while kills < 3 * scale() {
        // Numbers are far apart, so that no two processes use the same.
        let other = Victim::start(VICTIM, &database, first + 1_000_000).unwrap();
        let victim = Victim::start(VICTIM, &database, first).unwrap();
        let work = Duration::from_millis(random.u64(50..1_500));
        let mut acknowledged = tokio::task::block_in_place(|| victim.kill_after(work)).unwrap();
        // The other one goes on, with what the killed one left half done.
        let rest = Duration::from_millis(random.u64(50..500));
        let others = tokio::task::block_in_place(|| other.kill_after(rest)).unwrap();
        assert!(!others.is_empty());
        acknowledged.extend(others);
        cut_lists += check(&database, &acknowledged).await;
        checked += acknowledged.len();
        kills += 1;
        first += 2_000_000;
    }
    println!("seed {seed}: {kills} kills, {checked} acknowledged, {cut_lists} lists were cut");
    assert!(checked > 0);
}

#[derive(Clone)]
struct Load {
    restante: Restante,
    next: Arc<AtomicU64>,
    acknowledged: Arc<Mutex<Vec<u64>>>,
    failures: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    async fn send(self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            let user = format!("user-{}", n % 40);
            match self.restante.send(Message::info(format!("load {n}")), user).await {
                Ok(_) => self.acknowledged.lock().unwrap().push(n),
                Err(error) => self.failed(&error).await,
            }
        }
    }

    async fn read(self) {
        while !self.is_over.load(Ordering::Relaxed) {
            let inbox = self.restante.inbox(format!("user-{}", fastrand::u8(..40))).unwrap();
            if let Err(error) = inbox.list(Filter::unread()).await {
                self.failed(&error).await;
            }
        }
    }

    async fn failed(&self, error: &restante::Error) {
        assert!(error.is_transient(), "{error:?}");
        assert!(error.to_string().contains("try again"), "{error}");
        self.failures.fetch_add(1, Ordering::Relaxed);
        // As a client would that was told to try again.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    async fn works_again(&self) -> Duration {
        let began = Instant::now();
        loop {
            let sent = self.restante.send(Message::info("probe"), "probe").await;
            let read = self.restante.inbox("probe").unwrap().list(Filter::unread()).await;
            if sent.is_ok() && read.is_ok() {
                return began.elapsed();
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{sent:?} {read:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_a_transient_error_and_what_was_acknowledged_is_there() {
    let Some(server) = or_skipped(PostgresServer::start()) else { return };
    let database = server.database().unwrap();
    let load = Load {
        restante: Restante::new(PostgresStore::connect(&database).await.unwrap()),
        next: Arc::default(),
        acknowledged: Arc::default(),
        failures: Arc::default(),
        is_over: Arc::default(),
    };
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        tasks.spawn(load.clone().send());
        tasks.spawn(load.clone().read());
    }
    for round in 0..3 * scale() {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let failures = load.failures.load(Ordering::Relaxed);
        tokio::task::block_in_place(|| server.kill()).unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(load.failures.load(Ordering::Relaxed) > failures, "nobody noticed");
        tokio::task::block_in_place(|| server.restart()).unwrap();
        let recovered = load.works_again().await;
        println!("round {round}: works again after {recovered:?}");
        assert!(recovered < RECOVERY);
    }
    load.is_over.store(true, Ordering::Relaxed);
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    let texts = Outside::connect(&database).await.unwrap().texts().await.unwrap();
    let acknowledged = load.acknowledged.lock().unwrap().clone();
    for n in &acknowledged {
        assert_eq!(texts.get(&format!("load {n}")), Some(&1), "load {n} of {acknowledged:?}");
    }
    let twice = texts.iter().find(|(text, times)| **times > 1 && *text != "probe");
    assert_eq!(twice, None, "nothing is sent twice");
    let (sent, failed) = (acknowledged.len(), load.failures.load(Ordering::Relaxed));
    println!("{sent} acknowledged, {failed} told to try again");
}

/// The store is there before its server, and works once that is.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_may_start_without_its_server() {
    let Some(server) = or_skipped(PostgresServer::start()) else { return };
    let database = server.database().unwrap();
    tokio::task::block_in_place(|| server.kill()).unwrap();
    let store = PostgresOptions::new().connect_lazily(&database).unwrap();
    let restante = Restante::new(store);
    for _ in 0..20 {
        let error = restante.send(Message::info("early"), "alice").await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
    }
    tokio::task::block_in_place(|| server.restart()).unwrap();
    let began = Instant::now();
    while restante.send(Message::info("late"), "alice").await.is_err() {
        assert!(began.elapsed() < RECOVERY);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 1);
}

#[test]
fn six_processes_bring_the_tables_up_to_date_at_once() {
    let Some(server) = or_skipped(PostgresServer::start_fast()) else { return };
    for round in 0..5 {
        let database = server.database().unwrap();
        let openers: Vec<Child> =
            (0..6).map(|_| Command::new(VICTIM).arg(&database).spawn().unwrap()).collect();
        for mut opener in openers {
            assert!(opener.wait().unwrap().success(), "round {round}");
        }
        let name = database.rsplit('/').next().unwrap();
        assert_eq!(server.sql(name, "SELECT version FROM restante_schema").unwrap(), "2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_version_are_refused() {
    let Some(server) = or_skipped(PostgresServer::start_fast()) else { return };
    let database = server.database().unwrap();
    drop(PostgresStore::connect(&database).await.unwrap());
    let name = database.rsplit('/').next().unwrap();
    server.sql(name, "UPDATE restante_schema SET version = 99").unwrap();
    let error = PostgresStore::connect(&database).await.unwrap_err();
    assert!(error.to_string().contains("version 99"), "{error}");
}

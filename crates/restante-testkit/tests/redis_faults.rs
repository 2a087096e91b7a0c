//! Several processes on one Redis, killed; and the server killed and frozen under them.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod load;

use std::time::Duration;

use load::{Load, RECOVERY};
use restante::{Filter, Message, RedisOptions, RedisStore, Restante};
use restante_testkit::aftermath::check;
use restante_testkit::child::Victim;
use restante_testkit::redis::{RedisServer, or_skipped};
use restante_testkit::scale;
use tokio::task::block_in_place;

const VICTIM: &str = env!("CARGO_BIN_EXE_victim");

/// Two processes on one server. One is killed again and again, then the other one too.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_sigkill_of_one_of_two() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let database = server.url();
    let (mut kills, mut checked, mut cut_lists, mut first) = (0, 0, 0, 1);
    while kills < 3 * scale() {
        // Numbers are far apart, so that no two processes use the same.
        let other = Victim::start(VICTIM, &database, first + 1_000_000).unwrap();
        let victim = Victim::start(VICTIM, &database, first).unwrap();
        let work = Duration::from_millis(random.u64(50..1_500));
        let mut acknowledged = block_in_place(|| victim.kill_after(work)).unwrap();
        // The other one goes on, with what the killed one left half done.
        let rest = Duration::from_millis(random.u64(50..500));
        let others = block_in_place(|| other.kill_after(rest)).unwrap();
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

/// `appendfsync always`: killed and started again, the server has all that was acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_a_transient_error_and_what_was_acknowledged_is_there() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    let load = Load::start(RedisStore::connect(&server.url()).await.unwrap());
    for round in 0..3 * scale() {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let failures = load.failures();
        block_in_place(|| server.kill()).unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(load.failures() > failures, "nobody noticed");
        block_in_place(|| server.restart()).unwrap();
        let recovered = load.works_again().await;
        println!("round {round}: works again after {recovered:?}");
        assert!(recovered < RECOVERY);
    }
    let found = load.finish(&server.url()).await;
    assert_eq!((found.lost, found.twice), (0, 0), "{found:?}");
}

/// A server that stands still is told of by errors after the time that was asked for, and goes on
/// where it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_is_a_transient_error_and_nothing_is_lost() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    let options = RedisOptions::new().timeout(Duration::from_millis(800));
    let load = Load::start(options.connect(&server.url()).await.unwrap());
    for round in 0..2 * scale() {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let failures = load.failures();
        server.freeze().unwrap();
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        assert!(load.failures() > failures, "nobody noticed");
        server.thaw().unwrap();
        let recovered = load.works_again().await;
        println!("round {round}: works again after {recovered:?}");
        assert!(recovered < RECOVERY);
    }
    let found = load.finish(&server.url()).await;
    assert_eq!((found.lost, found.twice), (0, 0), "{found:?}");
}

/// The store is there before its server, and works once that is; a flush takes nothing but the data.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_may_start_without_its_server() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    block_in_place(|| server.kill()).unwrap();
    let restante = Restante::new(RedisStore::connect(&server.url()).await.unwrap());
    let inbox = restante.inbox("alice").unwrap();
    let error = inbox.count().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let secret = format!("redis://:secret@127.0.0.1:{}", server.port());
    let error = Restante::new(RedisStore::connect(&secret).await.unwrap());
    let error = error.inbox("alice").unwrap().count().await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("secret"), "{error:?}");
    block_in_place(|| server.restart()).unwrap();
    let began = std::time::Instant::now();
    while restante.send(Message::info("one"), "alice").await.is_err() {
        assert!(began.elapsed() < RECOVERY);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(inbox.list(Filter::unread()).await.unwrap().items.len(), 1);
    // The scripts are gone with it, and the broadcasts that this process remembers.
    restante.send(Message::info("all"), restante::To::everyone()).await.unwrap();
    assert_eq!(inbox.count().await.unwrap().unread, 2);
    server.cli(&["FLUSHALL"]).unwrap();
    server.cli(&["SCRIPT", "FLUSH"]).unwrap();
    assert_eq!(inbox.count().await.unwrap().unread, 0);
    restante.send(Message::info("two"), "alice").await.unwrap();
    assert_eq!(inbox.count().await.unwrap().unread, 1);
}

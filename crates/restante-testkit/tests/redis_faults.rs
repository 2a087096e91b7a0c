//! Several processes on one Redis, killed; and the server killed and frozen under them.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod load;
mod together;

use std::time::Duration;

use load::{Load, RECOVERY};
use restante::{Filter, Message, RedisOptions, RedisStore, Restante};
use restante_testkit::redis::{RedisServer, or_skipped};
use restante_testkit::scale;
use tokio::task::block_in_place;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_sigkill_of_one_of_two() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    together::nothing_acknowledged_is_lost(&server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_relayed_once_and_in_order_when_a_relay_is_killed() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    together::the_outbox_is_relayed_once_and_in_order(&server.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_skip_nothing_when_one_is_killed() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    together::followers_skip_nothing(&server.url()).await;
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
    // The broadcasts are gone with it that this process remembers.
    restante.send(Message::info("all"), restante::To::everyone()).await.unwrap();
    assert_eq!(inbox.count().await.unwrap().unread, 2);
    server.cli(&["FLUSHALL"]).unwrap();
    assert_eq!(inbox.count().await.unwrap().unread, 0);
    restante.send(Message::info("two"), "alice").await.unwrap();
    assert_eq!(inbox.count().await.unwrap().unread, 1);
}

/// Whoever flushes the server's scripts costs each of them one more round trip.
#[tokio::test(flavor = "multi_thread")]
async fn scripts_are_loaded_again_after_a_flush() {
    let Some(server) = or_skipped(RedisServer::start_fast()) else { return };
    let load = Load::start(RedisStore::connect(&server.url()).await.unwrap());
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        server.cli(&["SCRIPT", "FLUSH"]).unwrap();
    }
    let found = load.finish(&server.url()).await;
    assert_eq!((found.lost, found.twice, found.failures), (0, 0, 0), "{found:?}");
}

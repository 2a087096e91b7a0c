//! Several processes on one MariaDB, killed; and the server killed under them.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod load;
mod together;

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use load::{Load, RECOVERY};
use restante::{Message, MysqlOptions, MysqlStore, Restante};
use restante_testkit::mariadb::{MariadbServer, or_skipped};
use restante_testkit::scale;
use tokio::task::block_in_place;

const VICTIM: &str = env!("CARGO_BIN_EXE_victim");

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_sigkill_of_one_of_two() {
    let Some(server) = or_skipped(MariadbServer::start()) else { return };
    together::nothing_acknowledged_is_lost(&server.database().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_relayed_once_and_in_order_when_a_relay_is_killed() {
    let Some(server) = or_skipped(MariadbServer::start()) else { return };
    together::the_outbox_is_relayed_once_and_in_order(&server.database().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_skip_nothing_when_one_is_killed() {
    let Some(server) = or_skipped(MariadbServer::start()) else { return };
    together::followers_skip_nothing(&server.database().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_a_transient_error_and_what_was_acknowledged_is_there() {
    let Some(server) = or_skipped(MariadbServer::start()) else { return };
    let database = server.database().unwrap();
    let load = Load::start(MysqlStore::connect(&database).await.unwrap());
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
    let found = load.finish(&database).await;
    assert!(found.acknowledged > 0);
    assert_eq!((found.lost, found.twice), (0, 0), "{found:?}");
}

/// The store is there before its server, says clearly what is wrong, and works once that is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_may_start_without_its_server() {
    let Some(server) = or_skipped(MariadbServer::start()) else { return };
    let database = server.database().unwrap();
    block_in_place(|| server.kill()).unwrap();
    let store = MysqlOptions::new().connect_lazily(&database).unwrap();
    let restante = Restante::new(store);
    for _ in 0..20 {
        let error = restante.send(Message::info("early"), "alice").await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("try again"), "{error:?}");
    }
    block_in_place(|| server.restart()).unwrap();
    let began = Instant::now();
    while restante.send(Message::info("late"), "alice").await.is_err() {
        assert!(began.elapsed() < RECOVERY);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 1);
}

#[test]
fn six_processes_bring_the_tables_up_to_date_at_once() {
    let Some(server) = or_skipped(MariadbServer::start_fast()) else { return };
    for round in 0..5 {
        let database = server.database().unwrap();
        let openers: Vec<Child> =
            (0..6).map(|_| Command::new(VICTIM).arg(&database).spawn().unwrap()).collect();
        for mut opener in openers {
            assert!(opener.wait().unwrap().success(), "round {round}");
        }
        let name = database.rsplit('/').next().unwrap();
        assert_eq!(server.sql(name, "SELECT version FROM restante_schema").unwrap(), "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_version_are_refused() {
    let Some(server) = or_skipped(MariadbServer::start_fast()) else { return };
    let database = server.database().unwrap();
    drop(MysqlStore::connect(&database).await.unwrap());
    let name = database.rsplit('/').next().unwrap();
    server.sql(name, "UPDATE restante_schema SET version = 99").unwrap();
    let error = MysqlStore::connect(&database).await.unwrap_err();
    assert!(error.to_string().contains("version 99"), "{error}");
}

//! Several processes on one file.
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::{Child, Command};

use restante::{Message, Restante, SqliteStore};

const VICTIM: &str = env!("CARGO_BIN_EXE_victim");

#[test]
fn six_processes_bring_the_tables_up_to_date_at_once() {
    for round in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        let openers: Vec<Child> =
            (0..6).map(|_| Command::new(VICTIM).arg(&path).spawn().unwrap()).collect();
        for mut opener in openers {
            assert!(opener.wait().unwrap().success(), "round {round}");
        }
        let connection = rusqlite::Connection::open(&path).unwrap();
        let versions: Vec<i64> = connection
            .prepare("SELECT version FROM restante_schema")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(versions, [2]);
    }
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("UPDATE restante_schema SET version = 99", []).unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(error.to_string().contains("version 99"), "{error}");
}

/// The tables live beside the app's own, and each handle sees what the other sent.
#[tokio::test(flavor = "multi_thread")]
async fn two_handles_share_a_file_with_an_app() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let app = rusqlite::Connection::open(&path).unwrap();
    app.execute_batch("CREATE TABLE orders(id INTEGER PRIMARY KEY); PRAGMA user_version=7")
        .unwrap();
    let one = Restante::new(SqliteStore::open(&path).await.unwrap()).without_background();
    let two = Restante::new(SqliteStore::open(&path).await.unwrap()).without_background();
    let both = [&one, &two];
    let mut sends = tokio::task::JoinSet::new();
    for n in 0..200 {
        let restante = both[n % 2].clone();
        sends.spawn(async move {
            restante.send(Message::info(n.to_string()), "alice").await.map(|sent| sent.id)
        });
    }
    let mut ids = Vec::new();
    while let Some(sent) = sends.join_next().await {
        ids.push(sent.unwrap().unwrap());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    for restante in both {
        assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 200);
    }
    let version: i64 = app.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 7);
}

//! A full disk: a clear error, nothing half done, and it works again when there is room.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use restante::{Error, Filter, Message, Restante, SqliteStore, To};
use restante_testkit::small_disk::SmallDisk;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_a_clear_error_and_nothing_is_half_done() {
    let disk = match SmallDisk::mount(8) {
        Ok(disk) => disk,
        Err(error) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: a small tmpfs cannot be mounted here ({error}); run as root");
            return;
        }
        Err(error) => panic!("a small tmpfs cannot be mounted: {error}"),
    };
    let path = disk.file("full.db");
    let restante = Restante::new(SqliteStore::open(&path).await.unwrap()).without_background();
    restante.send(Message::info("before"), "alice").await.unwrap();
    let filler = disk.fill(200 * 1024).unwrap();

    let (mut sent, mut refused) = (Vec::new(), 0);
    for n in 0..2_000 {
        let text = format!("{n} {}", "x".repeat(1_000));
        match restante.send(Message::info(text), "alice").key(format!("k{n}")).await {
            Ok(_) => sent.push(n),
            Err(error) => {
                assert_clear(&error);
                refused += 1;
                if refused == 20 {
                    break;
                }
            }
        }
    }
    assert!(!sent.is_empty() && refused == 20, "{} sent, {refused} refused", sent.len());
    let many: Vec<String> = (0..50_000).map(|n| format!("user-{n}")).collect();
    assert_clear(&restante.send(Message::info("to many"), &many).await.unwrap_err());
    let big = "y".repeat(16_000);
    assert_clear(&restante.send(Message::info(big), To::everyone()).await.unwrap_err());

    // What was acknowledged is there, what was refused is not.
    let alice = restante.inbox("alice").unwrap();
    assert_eq!(alice.count().await.unwrap().unread, sent.len() as u64 + 1);
    assert_eq!(restante.inbox("user-7").unwrap().count().await.unwrap().unread, 0);

    drop(filler);
    let first_refused = sent.len();
    let again = format!("{first_refused} {}", "x".repeat(1_000));
    let result = restante
        .send(Message::info(again), "alice")
        .key(format!("k{first_refused}"))
        .await
        .unwrap();
    assert!(!result.repeated, "a refused send must not have left its key behind");
    let result = restante.send(Message::info("to many"), &many).await.unwrap();
    restante.deliver_waiting(|_| {}).await.unwrap();
    assert_eq!(restante.receipts(result.id).await.unwrap().delivered, Some(50_000));
    let page = alice.list(Filter::unread().limit(100)).await.unwrap();
    assert_eq!(page.unread, sent.len() as u64 + 2);

    drop(restante);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let verdict: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

fn assert_clear(error: &Error) {
    assert!(error.is_transient(), "{error:?}");
    assert!(error.to_string().contains("disk"), "{error}");
}

//! What other programs do to the file while a store has it open.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod live;

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use restante::outbox::send_in_sync;
use restante::store::Expiry;
use restante::{Durability, Filter, Message, Restante, SqliteOptions, SqliteStore, Store};
use rusqlite::Connection;

async fn open(file: &Path, part_size: usize) -> SqliteStore {
    let options = SqliteOptions::new().durability(Durability::Off).part_size(part_size);
    options.open(file).await.unwrap()
}

async fn texts(restante: &Restante, user: &str) -> Vec<String> {
    let page = restante.inbox(user).unwrap().list(Filter::unread()).await.unwrap();
    page.items.iter().map(|item| item.message.text().to_owned()).collect()
}

/// SQLite keeps any type in any column, and text that is not UTF-8.
#[tokio::test]
async fn no_outbox_row_holds_up_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("restante.db");
    let store = open(&file, 2).await;
    let outside = Connection::open(&file).unwrap();
    outside
        .execute_batch(
            "INSERT INTO restante_outbox(recipient, message) VALUES
                 ('alice', CAST(x'ff41' AS TEXT)), ('alice', x'ff41'),
                 (CAST(x'ff41' AS TEXT), 'hi'), (x'41', 'hi'), ('', 'hi');
             INSERT INTO restante_outbox(recipient, message, level) VALUES
                 ('alice', 'hi', 20.5), ('alice', 'hi', 'loud'), ('alice', 'hi', 99999999999);
             INSERT INTO restante_outbox(recipient, message, data) VALUES
                 ('alice', 'hi', x'7b7d'), ('alice', 'hi', CAST(x'22ff22' AS TEXT));
             INSERT INTO restante_outbox(recipient, message, expires_at) VALUES
                 ('alice', 'hi', '2030-01-01'), ('alice', 'hi', -5);
             INSERT INTO restante_outbox(recipient, message, key) VALUES
                 ('alice', 'hi', CAST(x'ff' AS TEXT));
             INSERT INTO restante_outbox(recipient, message, expires_at) VALUES
                 ('alice', 'for ever', 9223372036854775807);
             INSERT INTO restante_outbox(recipient, message) VALUES ('alice', 'good');",
        )
        .unwrap();
    let relayed = store.relay(SystemTime::now(), Expiry::default(), 100).await.unwrap();
    assert_eq!((relayed.messages.len(), relayed.refused), (2, 13));
    let mut errors = outside.prepare("SELECT error FROM restante_outbox ORDER BY id").unwrap();
    let errors: Vec<String> =
        errors.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(errors[0], "message: must be UTF-8");

    let restante = Restante::new(store).without_background();
    assert_eq!(texts(&restante, "alice").await, ["good", "for ever"]);
    let export = restante.export("alice").await.unwrap();
    assert_eq!(export.outbox[..2], ["\u{fffd}A", "\u{fffd}A"]);
}

#[tokio::test]
async fn a_message_is_sent_if_and_only_if_the_transaction_commits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("restante.db");
    let restante = Restante::new(open(&file, 2).await).without_background();
    let mut app = Connection::open(&file).unwrap();

    let tx = app.transaction().unwrap();
    send_in_sync(&tx, Message::info("never"), "alice").unwrap();
    tx.rollback().unwrap();
    let tx = app.transaction().unwrap();
    send_in_sync(&tx, Message::success("Paid").tag("order").url("/orders/2").data(2), "alice")
        .unwrap();
    send_in_sync(&tx, Message::info("to both"), ["alice", "bob"]).unwrap();
    let refused = send_in_sync(&tx, Message::info(""), "alice").unwrap_err();
    assert_eq!(refused.field(), Some("message"));
    assert_eq!(restante.relay().await.unwrap(), 0);
    tx.commit().unwrap();

    assert_eq!(restante.relay().await.unwrap(), 3);
    assert_eq!(texts(&restante, "alice").await, ["to both", "Paid"]);
    assert_eq!(texts(&restante, "bob").await, ["to both"]);
    let page = restante.inbox("alice").unwrap().list(Filter::unread()).await.unwrap();
    let paid = &page.items[1].message;
    assert_eq!((paid.link(), paid.extra_tags()), (Some("/orders/2"), "order"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_goes_on_in_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("restante.db");
    let here = Restante::new(open(&file, 2).await);
    let there = Restante::new(open(&file, 2).await);
    live::nothing_is_lost_or_told_twice(&here, &there).await;
    live::marks_are_told(&here, &there).await;
}

/// A process that writes without a pause is not told all the time that others may have.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_told_of_others_writes_and_not_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("restante.db");
    let store = open(&file, 2).await;
    let mut changes = store.changes();
    let other = Restante::new(open(&file, 2).await).without_background();
    let own = Restante::new(store).without_background();
    let look = Duration::from_millis(400);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) {
        own.send(Message::info("mine"), "alice").await.unwrap();
        // The store of the other one was opened meanwhile, which may count as a write.
        let is_early = began.elapsed() < Duration::from_millis(600);
        if let Ok(told) = tokio::time::timeout(Duration::from_millis(5), changes.next()).await {
            assert!(is_early, "{told:?}");
        }
    }
    other.send(Message::info("another's"), "alice").await.unwrap();
    own.send(Message::info("mine"), "alice").await.unwrap();
    assert!(tokio::time::timeout(look, changes.next()).await.unwrap().is_some());
    assert!(tokio::time::timeout(look, changes.next()).await.is_err(), "once is enough");
}

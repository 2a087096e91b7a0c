//! Messages that other programs leave.

use super::Harness;
use super::scene::{Scene, id, seconds};
use crate::clock::to_millis;
use crate::store::OutboxRow;
use crate::{Level, Message, UserId};

/// A row becomes a message to its recipient, with all that it says; `*` is everyone.
pub async fn is_relayed(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let end = scene.now() + seconds(100);
    scene
        .leave(OutboxRow {
            level: 41,
            tags: "a  b".to_owned(),
            url: Some("/x".to_owned()),
            data: Some("[1, 2]".to_owned()),
            expires_at: Some(to_millis(end)),
            ..OutboxRow::new("alice", "one \u{1F600}")
        })
        .await;
    scene.leave(OutboxRow::new("*", "two")).await;
    assert_eq!(scene.unread("alice").await, 0);

    let relayed = scene.relay(100).await;
    assert_eq!((relayed.messages.len(), relayed.refused), (2, 0));
    assert_eq!(relayed.messages[0].user.as_ref().map(UserId::as_str), Some("alice"));
    assert!(relayed.messages[1].user.is_none());
    assert_eq!(scene.inbox("alice").await, ["two", "one \u{1F600}"]);
    assert_eq!(scene.inbox("bob").await, ["two"]);
    let item = scene.item("alice", "one \u{1F600}").await;
    assert_eq!(item.message.level(), Level::STORED_ERROR);
    assert_eq!(item.message.tags().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(item.message.link(), Some("/x"));
    assert_eq!(item.message.raw_data().unwrap().get(), "[1, 2]");
    assert_eq!(item.expires_at, Some(end));
    assert_eq!(item.date, scene.now(), "sent when it is relayed");
    let sent = relayed.messages[0].sent;
    let receipts = scene.store.receipts(scene.now(), sent.id, Some("app")).await.unwrap();
    assert_eq!(receipts.unwrap().delivered, Some(1));

    let again = scene.relay(100).await;
    assert!(again.messages.is_empty() && !again.more);
    assert_eq!(scene.unread("alice").await, 2);
}

/// In the order in which rows were left, as many as asked for at a time.
pub async fn is_relayed_in_order(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for number in 0..10 {
        let to = ["alice", "bob"][number % 2];
        scene.leave(OutboxRow::new(to, format!("{number}"))).await;
    }
    let (mut last, mut total) = ((0, 0), 0);
    loop {
        let relayed = scene.relay(3).await;
        assert!(relayed.messages.len() <= 3);
        for message in &relayed.messages {
            let place = (message.outbox_id, message.sent.id.value());
            assert!(place.0 > last.0 && place.1 > last.1);
            last = place;
            total += 1;
        }
        if !relayed.more {
            break;
        }
    }
    assert_eq!(total, 10);
    assert_eq!(scene.inbox("alice").await, ["8", "6", "4", "2", "0"]);
    assert_eq!(scene.inbox("bob").await, ["9", "7", "5", "3", "1"]);
}

/// Rows that break a rule stay where they are, whatever the rule, and hold up nobody.
pub async fn passes_over_bad_rows(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let row = || OutboxRow::new("alice", "bad");
    let bad = [
        OutboxRow { recipient: String::new(), ..row() },
        OutboxRow { recipient: "x".repeat(192), ..row() },
        OutboxRow { recipient: "a\nb".to_owned(), ..row() },
        OutboxRow { message: String::new(), ..row() },
        OutboxRow { message: "bell \u{7}".to_owned(), ..row() },
        OutboxRow { message: "x".repeat(16 * 1024 + 1), ..row() },
        OutboxRow { level: 1 << 31, ..row() },
        OutboxRow { level: i64::MIN, ..row() },
        OutboxRow { tags: "t".repeat(65), ..row() },
        OutboxRow { tags: "a\tb".to_owned(), ..row() },
        OutboxRow { tags: "t ".repeat(17), ..row() },
        OutboxRow { url: Some("javascript:alert(1)".to_owned()), ..row() },
        OutboxRow { url: Some(String::new()), ..row() },
        OutboxRow { data: Some("{".to_owned()), ..row() },
        OutboxRow { data: Some(format!("\"{}\"", "d".repeat(8 * 1024))), ..row() },
        OutboxRow { expires_at: Some(to_millis(scene.now())), ..row() },
        OutboxRow { expires_at: Some(-1), ..row() },
        OutboxRow { key: Some(String::new()), ..row() },
        OutboxRow { key: Some("k".repeat(256)), ..row() },
    ];
    let count = bad.len();
    for (number, row) in bad.into_iter().enumerate() {
        scene.leave(row).await;
        scene.leave(OutboxRow::new("bob", format!("{number}"))).await;
    }
    let (mut refused, mut sent) = (0, 0);
    for _ in 0..100 {
        let relayed = scene.relay(5).await;
        refused += relayed.refused;
        sent += relayed.messages.len();
        if !relayed.more {
            break;
        }
    }
    assert_eq!((refused, sent), (count as u64, count));
    assert_eq!(scene.unread("bob").await, count as u64);
    assert!(scene.archive("alice").await.is_empty());
    let again = scene.relay(100).await;
    assert_eq!((again.messages.len(), again.refused), (0, 0), "refused once");
    let export = scene.store.export(scene.now(), &id("alice")).await.unwrap();
    assert_eq!(export.outbox.len(), count - 3, "those with alice as their recipient");
}

/// Refused rows are kept for 30 days and then swept.
pub async fn keeps_bad_rows_for_a_while(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.leave(OutboxRow::new("alice", "bell \u{7}")).await;
    scene.relay(1).await;
    let left = async || {
        scene.sweep().await;
        scene.store.export(scene.now(), &id("alice")).await.unwrap().outbox.len()
    };
    scene.pass(30 * 86_400 - 1);
    assert_eq!(left().await, 1);
    scene.pass(1);
    assert_eq!(left().await, 0);
}

/// A row that waits is not swept, however long.
pub async fn keeps_what_waits(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.leave(OutboxRow::new("alice", "patient")).await;
    scene.pass(365 * 86_400);
    scene.sweep().await;
    assert_eq!(scene.relay(1).await.messages.len(), 1);
    assert_eq!(scene.inbox("alice").await, ["patient"]);
}

/// A key in the outbox is one of the sender `app`: repeated it sends nothing, with another content
/// the row is refused.
pub async fn knows_idempotency_keys(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let row = |text: &str| OutboxRow { key: Some("k".to_owned()), ..OutboxRow::new("alice", text) };
    scene.leave(row("one")).await;
    scene.leave(row("one")).await;
    scene.leave(row("other")).await;
    let relayed = scene.relay(100).await;
    assert_eq!((relayed.messages.len(), relayed.refused), (2, 1));
    assert!(!relayed.messages[0].sent.repeated && relayed.messages[1].sent.repeated);
    assert_eq!(relayed.messages[0].sent.id, relayed.messages[1].sent.id);
    assert_eq!(scene.inbox("alice").await, ["one"]);
    let direct = scene.send_as("app", Some("k"), Message::info("one"), &["alice"]).await.unwrap();
    assert!(direct.repeated);
    scene.send_as("other", Some("k"), Message::info("two"), &["alice"]).await.unwrap();
    assert_eq!(scene.inbox("alice").await, ["two", "one"]);
}

/// An outbox filled by one process is relayed by another.
pub async fn is_open_to_every_handle(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.leave(OutboxRow::new("alice", "one")).await;
    let other = scene.by_second_handle().await;
    assert_eq!(other.relay(10).await.messages.len(), 1);
    assert_eq!(scene.relay(10).await.messages.len(), 0);
    assert_eq!(scene.inbox("alice").await, ["one"]);
}

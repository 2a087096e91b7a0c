//! Forgetting a user, and handing out what is kept of one.

use super::Harness;
use super::scene::{Scene, id, seconds};
use crate::store::{OutboxRow, Swept};
use crate::{Filter, ItemId, Message};

/// Forgotten, a user is one never heard of, before and after sweeping.
pub async fn leaves_nothing_of_the_user(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["alice", "bob"]).await;
    let item = ItemId::new(sent.id.value());
    scene.join("alice", scene.now()).await;
    scene.read("alice", item).await;
    assert!(scene.forget("alice").await);
    assert!(!scene.forget("alice").await);
    for _ in 0..2 {
        assert!(scene.archive("alice").await.is_empty());
        assert!(scene.get("alice", item).await.is_none());
        assert!(!scene.keep("alice", item).await);
        let export = scene.store.export(scene.now(), &id("alice")).await.unwrap();
        assert!(export.items.is_empty() && export.joined.is_none());
        scene.sweep().await;
    }
    assert_eq!(scene.archive("bob").await, ["one"]);
    assert!(!scene.forget("nobody").await);
}

/// Counts in receipts stay, before and after sweeping.
pub async fn leaves_receipts_as_they_were(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let short = scene.send("short", &["a", "b"]).await;
    let long = scene.send("long", &["a", "b", "c"]).await;
    scene.deliver_all().await;
    let everyone = scene.broadcast("everyone").await;
    scene.mark_all_now("a").await;
    scene.dismiss("a", ItemId::new(short.id.value())).await;
    scene.read("b", ItemId::new(everyone.id.value())).await;
    let figures = async || {
        let mut figures = Vec::new();
        for sent in [short, long, everyone] {
            figures.push(scene.receipts(sent.id).await);
        }
        figures
    };
    let before = figures().await;
    assert_eq!(before[2], Some((None, None, 2)));
    for user in ["a", "b"] {
        assert!(scene.forget(user).await);
        assert_eq!(figures().await, before);
        scene.sweep().await;
        assert_eq!(figures().await, before);
    }
    scene.mark_all_now("a").await;
    assert_eq!(scene.receipts(everyone.id).await, Some((None, None, 3)), "a new reader");
}

/// The same id may come again: without its old items, with live broadcasts, with a new time of
/// joining.
pub async fn lets_the_id_come_again(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.broadcast("everyone").await;
    scene.send("old", &["alice"]).await;
    scene.mark_all_now("alice").await;
    scene.join("alice", scene.now()).await;
    scene.pass(60);
    scene.forget("alice").await;
    scene.send("new", &["alice"]).await;
    assert_eq!(scene.inbox("alice").await, ["new", "everyone"]);
    scene.sweep().await;
    assert_eq!(scene.inbox("alice").await, ["new", "everyone"]);
    assert_eq!(scene.unread("alice").await, 2);
    assert!(scene.join("alice", scene.now()).await);
    assert_eq!(scene.inbox("alice").await, ["new"]);
    // And once more, half swept.
    scene.forget("alice").await;
    scene.store.sweep(scene.now()).await.unwrap();
    scene.send("newest", &["alice"]).await;
    assert_eq!(scene.inbox("alice").await, ["newest", "everyone"]);
}

/// What waits for the user does not come any more: parts of long lists, rows of the outbox.
pub async fn reaches_what_is_still_to_come(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let sent = scene.send("long", &["alice", "bob", "carol", "dave"]).await;
    scene.leave(OutboxRow::new("alice", "left")).await;
    scene.leave(OutboxRow::new("bob", "left")).await;
    assert!(scene.forget("alice").await);
    assert_eq!(scene.deliver_all().await, 3);
    assert_eq!(scene.relay(10).await.messages.len(), 1);
    scene.sweep().await;
    assert!(scene.archive("alice").await.is_empty());
    assert_eq!(scene.archive("bob").await, ["left", "long"]);
    assert_eq!(scene.receipts(sent.id).await, Some((Some(3), Some(3), 0)));
    assert!(!scene.forget("alice").await);
}

/// Known from the outbox alone is known.
pub async fn finds_users_of_the_outbox(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.leave(OutboxRow::new("alice", "left")).await;
    let export = scene.store.export(scene.now(), &id("alice")).await.unwrap();
    assert_eq!(export.outbox, ["left"]);
    assert!(scene.forget("alice").await);
    assert!(!scene.forget("alice").await);
    assert!(scene.relay(10).await.messages.is_empty());
}

/// The log names nobody who was forgotten.
pub async fn leaves_the_log(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice", "bob"]).await;
    scene.forget("alice").await;
    for _ in 0..2 {
        let log = scene.store.follow(scene.now(), 0, 10).await.unwrap();
        assert_eq!(log[0].users, Some(vec![id("bob")]));
        scene.sweep().await;
    }
}

/// A retracted or expired list does not stumble over who was forgotten.
pub async fn goes_with_retracting_and_expiry(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let message = |text: &str| Message::info(text).expires_in(seconds(60));
    let long = scene.send_message(message("long"), &["a", "b", "c", "d"]).await;
    scene.send_message(message("short"), &["a", "b"]).await;
    scene.deliver_all().await;
    scene.forget("a").await;
    assert!(scene.retract(long.id).await);
    assert_eq!(scene.receipts(long.id).await, Some((Some(4), Some(0), 0)));
    assert_eq!(scene.archive("b").await, ["short"]);
    scene.sweep().await;
    assert_eq!(scene.receipts(long.id).await, Some((Some(4), Some(0), 0)));
    scene.forget("b").await;
    scene.pass(60);
    scene.sweep().await;
    assert_eq!(scene.sweep().await, Swept::default());
}

/// An export holds all that is kept, dismissed items included, and nothing of anybody else's.
pub async fn is_preceded_by_a_whole_export(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let joined = scene.now() - seconds(5);
    scene.join("alice", joined).await;
    scene.broadcast("everyone").await;
    scene.send("dismissed", &["alice", "bob"]).await;
    scene.send("long", &["alice", "bob", "carol"]).await;
    scene.deliver_all().await;
    scene.send("secret", &["bob"]).await;
    scene.dismiss("alice", scene.item("alice", "dismissed").await.id).await;
    scene.mark_all_now("alice").await;
    scene.leave(OutboxRow::new("alice", "left")).await;
    scene.leave(OutboxRow::new("bob", "not hers")).await;
    scene.store.end_tokens(scene.now(), &id("alice")).await.unwrap();
    let export = scene.store.export(scene.now(), &id("alice")).await.unwrap();
    let items = export.items.iter().map(|e| (e.item.message.text(), e.dismissed));
    assert_eq!(
        items.collect::<Vec<_>>(),
        [("long", false), ("dismissed", true), ("everyone", false)]
    );
    assert_eq!(export.joined, Some(joined));
    assert_eq!(export.tokens_ended_at, Some(scene.now()));
    assert_eq!(export.outbox, ["left"]);
    let shown = scene.all("alice", Filter::archive()).await;
    assert_eq!(format!("{:?}", export.items[0].item), format!("{:?}", shown[0]));
}

/// The end of a user's tokens outlives the user: a token issued before must stay ended.
pub async fn does_not_revive_tokens(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    scene.store.end_tokens(scene.now(), &id("alice")).await.unwrap();
    scene.forget("alice").await;
    scene.sweep().await;
    let ended = scene.store.tokens_ended_at(&id("alice")).await.unwrap();
    assert_eq!(ended, Some(scene.now()));
}

//! When messages leave by themselves, judged at every read and not by sweeping.

use super::Harness;
use super::scene::{ARCHIVE, INBOX, Scene, seconds};
use crate::store::SentFilter;
use crate::testing::FixedClock;
use crate::{Clock, Filter, ItemId, Message};

/// Unread for 30 days, an item leaves the inbox, without a read time, and stays in the archive.
pub async fn takes_unread_items_out_of_the_inbox(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["alice"]).await;
    scene.broadcast("two").await;
    scene.pass(INBOX - 1);
    assert_eq!(scene.unread("alice").await, 2);
    scene.pass(1);
    assert_eq!(scene.unread("alice").await, 0);
    assert!(scene.inbox("alice").await.is_empty());
    let archive = scene.all("alice", Filter::archive()).await;
    assert_eq!(archive.len(), 2);
    assert!(archive.iter().all(|item| !item.unread && item.read_at.is_none()));
    assert_eq!(scene.receipts(sent.id).await, Some((Some(1), Some(1), 0)));
}

/// Marking all after it has left the inbox does not date it: nobody saw it.
pub async fn is_not_dated_by_a_late_mark(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let one = scene.send("one", &["alice"]).await;
    let two = scene.broadcast("two").await;
    scene.pass(INBOX);
    scene.send("three", &["alice"]).await;
    assert!(scene.mark_all_now("alice").await);
    assert!(scene.item("alice", "one").await.read_at.is_none());
    assert!(scene.item("alice", "two").await.read_at.is_none());
    assert!(scene.item("alice", "three").await.read_at.is_some());
    assert_eq!(scene.receipts(one.id).await, Some((Some(1), Some(1), 0)));
    assert_eq!(scene.receipts(two.id).await, Some((None, None, 0)));
    // Opened in the archive, it is read.
    assert!(scene.read("alice", ItemId::new(one.id.value())).await);
    assert_eq!(scene.item("alice", "one").await.read_at, Some(scene.now()));
}

/// Read before it would have left, an item keeps its read time.
pub async fn leaves_read_times_alone(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    scene.mark_all_now("alice").await;
    let read_at = scene.now();
    scene.pass(INBOX + 1);
    scene.send("two", &["alice"]).await;
    scene.mark_all_now("alice").await;
    assert_eq!(scene.item("alice", "one").await.read_at, Some(read_at));
}

/// What left the inbox can be marked unread again and then stays until the message expires.
pub async fn spares_what_is_kept(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for text in ["lapsed", "read"] {
        scene.send(text, &["alice"]).await;
    }
    let everyone = scene.broadcast("everyone").await;
    scene.read("alice", scene.item("alice", "read").await.id).await;
    scene.keep("alice", scene.item("alice", "read").await.id).await;
    scene.pass(INBOX);
    assert_eq!(scene.inbox("alice").await, ["read"]);
    assert!(scene.keep("alice", scene.item("alice", "lapsed").await.id).await);
    assert!(scene.keep("alice", ItemId::new(everyone.id.value())).await);
    assert!(!scene.keep("alice", ItemId::new(everyone.id.value())).await);
    scene.pass(ARCHIVE - INBOX - 1);
    assert_eq!(scene.inbox("alice").await, ["everyone", "read", "lapsed"]);
    assert_eq!(scene.unread("alice").await, 3);
    scene.pass(1);
    assert_eq!(scene.unread("alice").await, 0);
    assert!(scene.archive("alice").await.is_empty());
}

/// Expired, a message is gone everywhere before anything is swept.
pub async fn is_final_before_sweeping(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let soon = |text: &str| Message::info(text).expires_in(seconds(60));
    let one = scene.send_message(soon("one"), &["alice"]).await;
    let two = scene.broadcast_message(soon("two")).await;
    scene.mark_all_now("alice").await;
    scene.keep("alice", ItemId::new(one.id.value())).await;
    scene.keep("alice", ItemId::new(two.id.value())).await;
    assert_eq!(scene.unread("alice").await, 2);
    scene.pass(60);
    for sent in [one, two] {
        let item = ItemId::new(sent.id.value());
        assert!(scene.get("alice", item).await.is_none());
        assert!(!scene.read("alice", item).await);
        assert!(!scene.keep("alice", item).await);
        assert!(!scene.dismiss("alice", item).await);
        assert!(!scene.retract(sent.id).await);
        assert!(scene.receipts(sent.id).await.is_none());
    }
    assert_eq!(scene.unread("alice").await, 0);
    assert!(scene.archive("alice").await.is_empty());
    assert!(scene.log(0).await.is_empty());
    let sent = scene.store.sent(scene.now(), &SentFilter::default()).await.unwrap();
    assert!(sent.messages.is_empty() && sent.next.is_none());
    let export = scene.store.export(scene.now(), &super::scene::id("alice")).await.unwrap();
    assert!(export.items.is_empty());
}

/// An expiry of the message's own holds for inbox and archive alike, in whole seconds rounded up.
pub async fn is_exact(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.clock.advance(std::time::Duration::from_millis(1));
    scene.send_message(Message::info("one").expires_in(seconds(10)), &["alice"]).await;
    scene.broadcast_message(Message::info("two").expires_in(seconds(10))).await;
    let end = FixedClock::default().now() + seconds(11);
    assert_eq!(scene.item("alice", "one").await.expires_at, Some(end));
    scene.clock.set(end - std::time::Duration::from_millis(1));
    assert_eq!(scene.unread("alice").await, 2);
    scene.clock.set(end);
    assert_eq!(scene.unread("alice").await, 0);
    assert!(scene.archive("alice").await.is_empty());
}

/// "Never" is never.
pub async fn may_never_come(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send_message(Message::info("one").never_expires(), &["alice"]).await;
    scene.broadcast_message(Message::info("two").never_expires()).await;
    scene.pass(1_000 * 365 * 86_400);
    scene.sweep().await;
    assert_eq!(scene.inbox("alice").await, ["two", "one"]);
    assert_eq!(scene.item("alice", "one").await.expires_at, None);
    let receipts = scene.store.sent(scene.now(), &SentFilter::default()).await.unwrap();
    assert_eq!(receipts.messages[0].expires_at, None);
}

/// Messages expire in the order of their expiry, not of their sending.
pub async fn has_an_order_of_its_own(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for (text, stay) in [("long", 300), ("short", 100), ("middle", 200)] {
        let message = Message::info(text).expires_in(seconds(stay));
        scene.send_message(message.clone(), &["alice"]).await;
        scene.broadcast_message(message).await;
    }
    scene.pass(100);
    scene.sweep().await;
    assert_eq!(scene.inbox("alice").await, ["middle", "middle", "long", "long"]);
    scene.pass(100);
    assert_eq!(scene.inbox("alice").await, ["long", "long"]);
    scene.sweep().await;
    assert_eq!(scene.inbox("alice").await, ["long", "long"]);
}

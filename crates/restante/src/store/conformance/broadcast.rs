//! Messages to everyone.

use super::Harness;
use super::scene::{Scene, seconds};
use crate::{Filter, ItemId, Message, Sent};

fn item_of(sent: Sent) -> ItemId {
    ItemId::new(sent.id.value())
}

/// Everyone has it, known or not, and its id is the message's.
pub async fn reaches_everyone(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("known", &["alice"]).await;
    let sent = scene.broadcast("hear").await;
    assert_eq!((sent.recipients, sent.waiting), (0, 0));
    assert_eq!(scene.inbox("alice").await, ["hear", "known"]);
    assert_eq!(scene.inbox("stranger").await, ["hear"]);
    let item = scene.get("stranger", item_of(sent)).await.unwrap();
    assert!(item.everyone && item.unread);
    assert_eq!(scene.by_second_handle().await.unread("stranger").await, 1);
}

/// Personal items and broadcasts are one list, by position.
pub async fn is_merged_by_position(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let mut expected = Vec::new();
    for number in 0..30 {
        if number % 7 == 3 {
            scene.broadcast(&format!("{number}")).await;
        } else {
            scene.send(&format!("{number}"), &["alice"]).await;
        }
        expected.insert(0, format!("{number}"));
    }
    assert_eq!(scene.inbox("alice").await, expected);
    for limit in [1, 2, 3, 7] {
        let pages = scene.all("alice", Filter::archive().limit(limit)).await;
        assert_eq!(super::scene::texts(&pages), expected);
    }
}

/// A user known to have joined after it does not see it, unless it is for newcomers too.
pub async fn is_not_for_who_joined_later(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let early = scene.broadcast("early").await;
    scene.broadcast_as("app", None, Message::info("welcome"), true).await.unwrap();
    scene.pass(60);
    assert!(scene.join("alice", scene.now()).await);
    scene.broadcast("same moment").await;
    scene.pass(60);
    scene.broadcast("later").await;
    assert_eq!(scene.inbox("alice").await, ["later", "same moment", "welcome"]);
    assert_eq!(scene.unread("alice").await, 3);
    assert!(scene.get("alice", item_of(early)).await.is_none());
    assert!(!scene.read("alice", item_of(early)).await);
    assert!(!scene.dismiss("alice", item_of(early)).await);
    assert_eq!(scene.unread("unknown").await, 4, "when nobody knows when, everything is shown");
}

/// When a user joined is written down once; moving it would make old ones come or go.
pub async fn takes_the_first_time_of_joining(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let start = scene.now();
    scene.pass(100);
    assert!(scene.join("alice", scene.now()).await);
    scene.pass(100);
    assert!(!scene.join("alice", scene.now()).await);
    assert!(!scene.join("alice", start).await);
    scene.broadcast("hear").await;
    assert_eq!(scene.unread("alice").await, 1);
    let export = scene.store.export(scene.now(), &super::scene::id("alice")).await.unwrap();
    assert_eq!(export.joined, Some(start + seconds(100)));
}

/// Who joins after having read it counts as no reader and sees it no more.
pub async fn leaves_who_turns_out_to_have_joined_later(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.broadcast("hear").await;
    scene.mark_all_now("alice").await;
    scene.read("bob", item_of(sent)).await;
    assert_eq!(scene.receipts(sent.id).await, Some((None, None, 2)));
    scene.pass(60);
    for user in ["alice", "bob"] {
        assert!(scene.join(user, scene.now()).await);
        assert!(scene.archive(user).await.is_empty());
    }
    assert_eq!(scene.receipts(sent.id).await, Some((None, None, 0)));
}

/// Each user's read, kept and dismissed are that user's own.
pub async fn has_a_state_for_each_user(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.broadcast("hear").await;
    let item = item_of(sent);
    assert!(scene.read("reader", item).await);
    assert!(!scene.read("reader", item).await);
    scene.mark_all_now("keeper").await;
    assert!(scene.keep("keeper", item).await);
    assert!(scene.dismiss("dismisser", item).await);
    assert!(!scene.dismiss("dismisser", item).await);
    scene.mark_all_now("marker").await;
    assert_eq!(scene.unread("reader").await, 0);
    assert_eq!(scene.archive("reader").await, ["hear"]);
    assert_eq!(scene.inbox("keeper").await, ["hear"]);
    assert!(scene.archive("dismisser").await.is_empty());
    assert_eq!(scene.unread("dismisser").await, 0);
    assert_eq!(scene.inbox("other").await, ["hear"]);
    assert_eq!(scene.receipts(sent.id).await, Some((None, None, 2)));
}

/// Marking all covers it also for a user of whom nothing else is known.
pub async fn is_covered_by_marking_all(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.broadcast("one").await;
    let as_of = scene.count("stranger").await.as_of;
    scene.broadcast("two").await;
    assert!(scene.mark_all("stranger", as_of).await);
    assert_eq!(scene.inbox("stranger").await, ["two"]);
    assert_eq!(scene.item("stranger", "one").await.read_at, Some(scene.now()));
}

/// Marked unread below the watermark, it counts; read above the watermark, it does not.
pub async fn counts_by_its_own_state_on_both_sides_of_the_watermark(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let below = [scene.broadcast("b1").await, scene.broadcast("b2").await];
    scene.mark_all_now("alice").await;
    let above = [scene.broadcast("b3").await, scene.broadcast("b4").await];
    scene.keep("alice", item_of(below[0])).await;
    scene.read("alice", item_of(above[0])).await;
    assert_eq!(scene.inbox("alice").await, ["b4", "b1"]);
    assert_eq!(scene.unread("alice").await, 2);
    scene.dismiss("alice", item_of(below[0])).await;
    scene.dismiss("alice", item_of(above[0])).await;
    assert_eq!(scene.unread("alice").await, 1);
    scene.dismiss("alice", item_of(above[1])).await;
    assert_eq!(scene.unread("alice").await, 0);
    assert_eq!(scene.archive("alice").await, ["b2"]);
}

/// Sent by one handle, it is seen at once by another that has read before.
pub async fn is_seen_by_every_handle_at_once(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let other = scene.by_second_handle().await;
    assert_eq!(other.unread("alice").await, 0);
    for number in 1..=3 {
        let sent = scene.broadcast(&format!("{number}")).await;
        assert_eq!(other.unread("alice").await, 1);
        assert!(other.get("alice", item_of(sent)).await.is_some());
        assert!(scene.retract(sent.id).await);
        assert_eq!(other.unread("alice").await, 0);
        assert!(other.get("alice", item_of(sent)).await.is_none());
    }
}

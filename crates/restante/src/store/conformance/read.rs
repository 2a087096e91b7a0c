//! Marking read and unread, all at once, and dismissing.

use super::Harness;
use super::scene::{Scene, id};
use crate::{AsOf, Filter, ItemId, MAX_POSITION};

/// Marking read tells whether it changed anything, and the first time counts.
pub async fn tells_whether_it_changed_anything(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    let item = scene.item("alice", "one").await.id;
    let first = scene.now();
    assert!(scene.read("alice", item).await);
    scene.pass(5);
    assert!(!scene.read("alice", item).await);
    let item = scene.get("alice", item).await.unwrap();
    assert_eq!((item.unread, item.read_at), (false, Some(first)));
}

/// Several at once: each that changed counts, one named twice counts once.
pub async fn counts_what_it_changed(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let mut ids = Vec::new();
    for number in 0..4 {
        let sent = scene.send(&format!("{number}"), &["alice"]).await;
        ids.push(ItemId::new(sent.id.value()));
    }
    let everyone = scene.broadcast("b").await;
    ids.push(ItemId::new(everyone.id.value()));
    let foreign = scene.send("foreign", &["bob"]).await.id.value();
    ids.extend([ids[0], ItemId::new(foreign), ItemId::new(0), ItemId::new(-1), ids[0]]);
    ids.push(ItemId::new(i64::MAX));
    scene.read("alice", ids[3]).await;
    let changed = scene.store.mark_read(scene.now(), &id("alice"), &ids).await.unwrap();
    assert_eq!(changed, 4);
    assert_eq!(scene.unread("alice").await, 0);
    assert_eq!(scene.unread("bob").await, 2);
    assert_eq!(scene.store.mark_read(scene.now(), &id("alice"), &[]).await.unwrap(), 0);
}

/// Marked unread, an item is back in the inbox without a read time, and can be read again.
pub async fn can_be_taken_back(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    let item = scene.item("alice", "one").await.id;
    assert!(!scene.keep("alice", item).await, "it is unread");
    scene.read("alice", item).await;
    assert!(scene.keep("alice", item).await);
    assert!(!scene.keep("alice", item).await);
    let kept = scene.get("alice", item).await.unwrap();
    assert!(kept.unread && kept.read_at.is_none());
    assert_eq!(scene.inbox("alice").await, ["one"]);
    assert_eq!(scene.unread("alice").await, 1);
    scene.pass(3);
    assert!(scene.read("alice", item).await);
    assert_eq!(scene.get("alice", item).await.unwrap().read_at, Some(scene.now()));
}

/// Kept items have their place in the list by position, not by when they were kept.
pub async fn leaves_kept_items_in_their_place(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for text in ["one", "two", "three", "four"] {
        scene.send(text, &["alice"]).await;
    }
    scene.mark_all_now("alice").await;
    scene.send("five", &["alice"]).await;
    for text in ["three", "one"] {
        scene.keep("alice", scene.item("alice", text).await.id).await;
    }
    assert_eq!(scene.inbox("alice").await, ["five", "three", "one"]);
    let page = scene.list("alice", &Filter::unread().limit(2)).await;
    let rest = scene.list("alice", &Filter::unread().after(page.next.unwrap())).await;
    assert_eq!(rest.items[0].message.text(), "one");
}

/// Marking all reads what the page showed, and nothing that came since.
pub async fn reads_all_that_the_page_showed(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    scene.broadcast("two").await;
    let page = scene.list("alice", &Filter::unread()).await;
    scene.send("three", &["alice"]).await;
    scene.broadcast("four").await;
    assert!(scene.mark_all("alice", page.as_of).await);
    assert_eq!(scene.inbox("alice").await, ["four", "three"]);
    assert_eq!(scene.unread("alice").await, 2);
    assert_eq!(scene.unread("bob").await, 2, "others have their own");
}

/// The second time moves nothing, and an older `as_of` moves nothing back.
pub async fn reads_all_once(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    let old = scene.count("alice").await.as_of;
    scene.send("two", &["alice"]).await;
    let new = scene.count("alice").await.as_of;
    assert!(scene.mark_all("alice", new).await);
    assert!(!scene.mark_all("alice", new).await);
    assert!(!scene.mark_all("alice", old).await);
    assert_eq!(scene.unread("alice").await, 0);
}

/// Each item has the time of the mark that read it, not of a later one.
pub async fn dates_each_item_by_its_own_mark(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let mut times = Vec::new();
    for number in 0..4 {
        scene.send(&format!("m{number}"), &["alice"]).await;
        scene.broadcast(&format!("b{number}")).await;
        scene.pass(10);
        times.push(scene.now());
        scene.mark_all_now("alice").await;
    }
    for (number, time) in times.into_iter().enumerate() {
        let read_at = scene.item("alice", &format!("m{number}")).await.read_at;
        assert_eq!(read_at, Some(time));
        assert_eq!(scene.item("alice", &format!("b{number}")).await.read_at, Some(time));
    }
}

/// An item read by itself keeps its time when all is marked read.
pub async fn keeps_the_time_of_reading_one(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    let item = scene.item("alice", "one").await.id;
    let first = scene.now();
    scene.read("alice", item).await;
    scene.pass(10);
    scene.mark_all_now("alice").await;
    assert_eq!(scene.get("alice", item).await.unwrap().read_at, Some(first));
}

/// What was marked unread after a page was made is not undone by that page's `as_of`, however often
/// it comes; by a newer one it is.
pub async fn does_not_undo_what_was_kept_since(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    scene.broadcast("two").await;
    let stale = scene.count("alice").await.as_of;
    scene.mark_all("alice", stale).await;
    for text in ["one", "two"] {
        assert!(scene.keep("alice", scene.item("alice", text).await.id).await);
    }
    assert!(!scene.mark_all("alice", stale).await);
    assert_eq!(scene.unread("alice").await, 2);
    scene.pass(7);
    let fresh = scene.count("alice").await.as_of;
    assert!(scene.mark_all("alice", fresh).await);
    assert_eq!(scene.unread("alice").await, 0);
    assert_eq!(scene.item("alice", "one").await.read_at, Some(scene.now()));
    assert!(!scene.mark_all("alice", fresh).await);
}

/// A page made after an item was marked unread covers it, when nothing else is newer.
pub async fn covers_what_was_kept_before(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("personal", &["alice"]).await;
    scene.broadcast("everyone").await;
    for text in ["personal", "everyone"] {
        let item = scene.item("alice", text).await.id;
        scene.read("alice", item).await;
        let before = scene.count("alice").await.as_of;
        scene.keep("alice", item).await;
        assert_ne!(scene.count("alice").await.as_of, before);
        assert!(scene.mark_all_now("alice").await);
        assert!(!scene.get("alice", item).await.unwrap().unread, "{text}");
    }
}

/// An `as_of` from the future counts as now: it does not reach what comes later.
pub async fn does_not_reach_into_the_future(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["alice"]).await;
    let future = AsOf::new(MAX_POSITION, MAX_POSITION);
    assert!(scene.mark_all("alice", future).await);
    assert_eq!(scene.unread("alice").await, 0);
    scene.send("two", &["alice"]).await;
    scene.broadcast("three").await;
    assert_eq!(scene.inbox("alice").await, ["three", "two"]);
    let one = scene.item("alice", "one").await.id;
    assert!(scene.keep("alice", one).await);
    assert_eq!(scene.unread("alice").await, 3);
    assert!(scene.mark_all("nobody", future).await, "the broadcast");
    scene.send("later", &["nobody"]).await;
    assert_eq!(scene.inbox("nobody").await, ["later"]);
}

/// Dismissed items are in no list and take no mark.
pub async fn cannot_reach_what_is_dismissed(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["alice", "bob"]).await;
    let item = ItemId::new(sent.id.value());
    assert!(scene.dismiss("alice", item).await);
    assert!(!scene.dismiss("alice", item).await);
    assert!(scene.archive("alice").await.is_empty());
    assert_eq!(scene.unread("alice").await, 0);
    assert!(scene.get("alice", item).await.is_none());
    assert!(!scene.read("alice", item).await);
    assert!(!scene.keep("alice", item).await);
    scene.mark_all_now("alice").await;
    assert_eq!(scene.inbox("bob").await, ["one"]);
    assert_eq!(scene.receipts(sent.id).await, Some((Some(2), Some(2), 0)));
}

/// Receipts keep the read time of what was dismissed after it was read, by itself or with all.
pub async fn survives_dismissing_in_receipts(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["alice", "bob", "carol"]).await;
    let item = ItemId::new(sent.id.value());
    scene.read("alice", item).await;
    scene.mark_all_now("bob").await;
    for user in ["alice", "bob", "carol"] {
        assert!(scene.dismiss(user, item).await);
    }
    assert_eq!(scene.receipts(sent.id).await, Some((Some(3), Some(3), 2)));
    let export = scene.store.export(scene.now(), &id("bob")).await.unwrap();
    assert!(export.items[0].dismissed && export.items[0].item.read_at.is_some());
}

/// One user's marks are that user's own on a shared list.
pub async fn is_each_users_own(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["alice", "bob"]).await;
    scene.mark_all_now("alice").await;
    assert_eq!((scene.unread("alice").await, scene.unread("bob").await), (0, 1));
    assert_eq!(scene.receipts(sent.id).await, Some((Some(2), Some(2), 1)));
}

/// What one handle marked, another that has read before sees with its next page.
pub async fn is_seen_by_every_handle_at_once(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let other = scene.by_second_handle().await;
    for round in 0..3 {
        scene.send(&format!("one {round}"), &["alice"]).await;
        scene.broadcast(&format!("two {round}")).await;
        assert_eq!(other.list("alice", &Filter::unread()).await.unread, 2);
        assert!(scene.mark_all_now("alice").await);
        let page = other.list("alice", &Filter::unread()).await;
        assert_eq!((page.items.len(), page.unread), (0, 0));
        let item = scene.item("alice", &format!("one {round}")).await.id;
        scene.keep("alice", item).await;
        let page = other.list("alice", &Filter::unread()).await;
        assert_eq!((page.items.len(), page.unread), (1, 1));
        scene.read("alice", item).await;
        assert_eq!(other.list("alice", &Filter::unread()).await.unread, 0);
    }
}

//! Faults of the apps that came before, one check each: what was shown to go wrong there must not
//! go wrong here. Those of flash messages and HTTP are checked where they are.

use super::Harness;
use super::scene::{ARCHIVE, INBOX, Scene, id, texts, users};
use crate::{Filter, ItemId, Message, To};

/// Anybody could read another user's message by its id.
pub async fn fault_01_another_users_message_by_id(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("private", &["alice"]).await;
    let item = ItemId::new(sent.id.value());
    assert!(scene.get("mallory", item).await.is_none());
    scene.send("own", &["mallory"]).await;
    assert!(scene.get("mallory", item).await.is_none());
    assert!(scene.get("alice", item).await.is_some());
}

/// The ids in the list were not those of the detail page.
pub async fn fault_02_ids_of_the_list_are_not_those_of_detail(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    scene.send("one", &["alice"]).await;
    scene.send("long", &["alice", "bob", "carol"]).await;
    scene.deliver_all().await;
    scene.broadcast("everyone").await;
    for item in scene.all("alice", Filter::archive()).await {
        let one = scene.get("alice", item.id).await.unwrap();
        assert_eq!((one.id, one.message.text()), (item.id, item.message.text()));
        assert!(scene.read("alice", item.id).await);
    }
    assert_eq!(scene.unread("alice").await, 0);
}

/// A recipient named twice stopped the delivery to the rest.
pub async fn fault_03_a_duplicate_recipient_stops_the_rest(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("to all", &["alice", "alice", "bob", "carol", "bob"]).await;
    for user in ["alice", "bob", "carol"] {
        assert_eq!(scene.inbox(user).await, ["to all"]);
    }
}

/// Two texts of one moment became one message.
pub async fn fault_04_two_texts_of_one_moment_collide(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for text in ["привет", "здравствуй", "日本", "日本", "a", "a"] {
        scene.send(text, &["alice"]).await;
        scene.broadcast(text).await;
    }
    assert_eq!(scene.unread("alice").await, 12);
    let mut ids: Vec<_> =
        scene.all("alice", Filter::archive()).await.iter().map(|i| i.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

/// Cleaning up crashed, and took no notice of the inbox's expiry.
pub async fn fault_05_cleanup_crashes_and_ignores_the_inbox(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("unread", &["alice"]).await;
    scene.send("read", &["alice"]).await;
    scene.read("alice", scene.item("alice", "read").await.id).await;
    scene.pass(INBOX);
    scene.sweep().await;
    assert!(scene.inbox("alice").await.is_empty());
    assert_eq!(scene.archive("alice").await, ["read", "unread"]);
    scene.pass(ARCHIVE - INBOX);
    let swept = scene.sweep().await;
    assert_eq!((swept.messages, swept.items), (2, 2));
    assert!(scene.archive("alice").await.is_empty());
}

/// Sending at once left duplicates, after which marking read failed for ever.
pub async fn fault_06_concurrent_sends_leave_duplicates(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let send = async || {
        let scene = scene.by_second_handle().await;
        scene.send_as("app", Some("k"), Message::info("same"), &["new", "users"]).await.unwrap()
    };
    let (a, b, c, d) = tokio::join!(send(), send(), send(), send());
    assert!(a.id == b.id && b.id == c.id && c.id == d.id);
    assert_eq!(scene.inbox("new").await, ["same"]);
    assert!(scene.read("new", ItemId::new(a.id.value())).await);
    assert!(scene.inbox("new").await.is_empty());
}

/// Recipients given as an iterator were used up: in the archive, but never in the inbox.
pub async fn fault_07_an_iterator_of_recipients_is_used_up(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let restante = crate::Restante::from_arc(std::sync::Arc::clone(&scene.store));
    let restante = restante.without_background().with_clock(scene.clock.clone());
    let names = users(3);
    let iterator = names.iter().filter(|name| !name.is_empty());
    restante.send(Message::info("one"), To::users(iterator)).await.unwrap();
    for user in &names {
        assert_eq!(scene.inbox(user).await, ["one"]);
        assert_eq!(scene.archive(user).await, ["one"]);
    }
}

/// A failure midway left half a delivery.
pub async fn fault_08_a_failure_midway_leaves_half(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    // Refused for one bad recipient: nobody has it.
    let refused = scene.send_as("app", None, Message::info("bad"), &["alice", "bob", "*"]).await;
    assert!(refused.is_err());
    assert!(scene.archive("alice").await.is_empty());
    // Recorded, then the process is gone: another one finishes it.
    scene.send("long", &["alice", "bob", "carol"]).await;
    scene.store.deliver(scene.now(), false).await.unwrap();
    let other = scene.by_second_handle().await;
    assert_eq!(other.deliver_all().await, 1);
    for user in ["alice", "bob", "carol"] {
        assert_eq!(scene.inbox(user).await, ["long"]);
    }
}

/// What arrived while a page was made was purged unseen.
pub async fn fault_09_what_arrives_meanwhile_is_purged(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("shown", &["alice"]).await;
    let page = scene.list("alice", &Filter::unread()).await;
    scene.send("meanwhile", &["alice"]).await;
    scene.mark_all("alice", page.as_of).await;
    assert_eq!(texts(&page.items), ["shown"]);
    assert_eq!(scene.inbox("alice").await, ["meanwhile"]);
}

/// Marking read did not say whether it did anything.
pub async fn fault_10_marking_read_is_silent(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["alice"]).await;
    let item = ItemId::new(sent.id.value());
    assert!(!scene.read("bob", item).await);
    assert!(scene.read("alice", item).await);
    assert!(!scene.read("alice", item).await);
}

/// What was deleted could never be delivered again.
pub async fn fault_11_deleting_makes_undeliverable(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for _ in 0..3 {
        let sent = scene.send("again", &["alice"]).await;
        assert_eq!(scene.inbox("alice").await, ["again"]);
        assert!(scene.dismiss("alice", ItemId::new(sent.id.value())).await);
        assert!(scene.archive("alice").await.is_empty());
    }
}

/// The count came from another place than the inbox.
pub async fn fault_12_the_count_is_not_the_inbox(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    scene.send("one", &["alice"]).await;
    scene.broadcast("two").await;
    let long = scene.send("long", &["alice", "bob", "carol"]).await;
    scene.deliver_all().await;
    let agree = async || {
        let inbox = scene.inbox("alice").await.len() as u64;
        assert_eq!(scene.unread("alice").await, inbox);
        assert_eq!(scene.list("alice", &Filter::archive().limit(1)).await.unread, inbox);
        inbox
    };
    assert_eq!(agree().await, 3);
    scene.retract(long.id).await;
    assert_eq!(agree().await, 2);
    scene.read("alice", scene.item("alice", "one").await.id).await;
    assert_eq!(agree().await, 1);
    scene.pass(INBOX);
    assert_eq!(agree().await, 0);
    scene.pass(ARCHIVE);
    scene.sweep().await;
    assert_eq!(agree().await, 0);
}

/// Three queries at every request of a signed-in user: reading an empty inbox writes nothing and
/// makes no user.
pub async fn fault_17_looking_at_an_empty_inbox_writes(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for _ in 0..3 {
        assert!(scene.list("visitor", &Filter::unread()).await.items.is_empty());
        assert_eq!(scene.unread("visitor").await, 0);
        assert!(!scene.mark_all_now("visitor").await);
    }
    assert!(!scene.forget("visitor").await, "something was written");
    assert!(scene.store.days(scene.now()).await.unwrap().is_empty());
}

/// A message to everyone was copied to each user: here it is one row, whoever there is.
pub async fn fault_18_a_broadcast_is_copied_to_each_user(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let names = users(1_000);
    let to: Vec<&str> = names.iter().map(String::as_str).collect();
    scene.send("known", &to).await;
    let sent = scene.broadcast("everyone").await;
    assert_eq!((sent.recipients, sent.waiting), (0, 0), "nothing is left to be copied");
    assert!(scene.store.deliver(scene.now(), true).await.unwrap().is_none());
    let receipts = scene.store.receipts(scene.now(), sent.id, None).await.unwrap().unwrap();
    assert_eq!((receipts.sent.recipients, receipts.delivered), (None, None));
    assert_eq!(scene.inbox("u0999").await, ["everyone", "known"]);
    assert!(!scene.forget("never heard of").await);
    assert_eq!(scene.inbox("never heard of").await, ["everyone"]);
    // One item's rows leave with the message, and there are none of the broadcast's.
    scene.retract(sent.id).await;
    assert_eq!(scene.sweep().await.items, 0);
    let export = scene.store.export(scene.now(), &id("u0001")).await.unwrap();
    assert_eq!(export.items.len(), 1);
}

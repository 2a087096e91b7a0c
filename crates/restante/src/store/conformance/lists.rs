//! Lists too long for one transaction: recorded whole, delivered part by part.

use std::collections::{BTreeMap, BTreeSet};

use super::Harness;
use super::scene::{Scene, id, seconds, users};
use crate::{Filter, ItemId, Message, UserId};

/// Recorded when `send` returns, delivered in parts with positions of their own; every user gets
/// one item.
pub async fn are_delivered_in_parts(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 3).await;
    let names = users(8);
    let to: Vec<&str> = names.iter().map(String::as_str).collect();
    let sent = scene.send("long", &to).await;
    assert_eq!((sent.recipients, sent.waiting), (8, 8));
    assert_eq!(scene.receipts(sent.id).await, Some((Some(8), Some(0), 0)));
    assert_eq!(scene.unread("u0000").await, 0);

    let mut reached = BTreeMap::new();
    let mut last = sent.id.value();
    for (expected, done) in [(3, 3), (3, 6), (2, 8)] {
        let part = scene.store.deliver(scene.now(), true).await.unwrap().unwrap();
        assert_eq!((part.id, part.delivered), (sent.id, expected));
        assert_eq!(part.message.text(), "long");
        assert!(part.position.value() > last && part.position.value() % 2 == 0);
        last = part.position.value();
        for user in part.users {
            assert!(reached.insert(user, part.position).is_none(), "delivered twice");
        }
        assert_eq!(scene.receipts(sent.id).await, Some((Some(8), Some(done), 0)));
    }
    assert!(scene.store.deliver(scene.now(), true).await.unwrap().is_none());
    assert_eq!(reached.len(), 8);
    for (user, position) in reached {
        let items = scene.all(user.as_str(), Filter::unread()).await;
        assert_eq!((items.len(), items[0].id), (1, position));
        assert!(scene.get(user.as_str(), ItemId::new(sent.id.value())).await.is_none());
    }
}

/// As many as fit one part are delivered at once, one more is a long list.
pub async fn begin_past_the_size_of_a_part(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 3).await;
    let short = scene.send("short", &["a", "b", "c"]).await;
    assert_eq!(short.waiting, 0);
    // Named twice, still three users.
    assert_eq!(scene.send("short", &["a", "b", "c", "b"]).await.waiting, 0);
    assert_eq!(scene.unread("c").await, 2);
    assert_eq!(scene.send("long", &["a", "b", "c", "d"]).await.waiting, 4);
    assert_eq!(scene.unread("d").await, 0);
    assert_eq!(scene.deliver_all().await, 4);
    assert_eq!(scene.inbox("d").await, ["long"]);
}

/// What one process has recorded another delivers; the parts go once, whoever asks.
pub async fn are_resumed_by_another_process(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let names = users(7);
    let to: Vec<&str> = names.iter().map(String::as_str).collect();
    scene.send("long", &to).await;
    scene.store.deliver(scene.now(), false).await.unwrap().unwrap();
    let other = scene.by_second_handle().await;
    let mut reached = 2;
    while let Some(part) = other.store.deliver(scene.now(), true).await.unwrap() {
        reached += part.users.len();
    }
    assert_eq!(reached, 7);
    assert!(scene.store.deliver(scene.now(), true).await.unwrap().is_none());
    for user in &names {
        assert_eq!(scene.inbox(user).await, ["long"]);
    }
}

/// The recipients are named only where they are asked for.
pub async fn name_their_users_when_asked(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    scene.send("long", &["b", "a", "é", "c"]).await;
    let part = scene.store.deliver(scene.now(), false).await.unwrap().unwrap();
    assert_eq!((part.delivered, part.users.len()), (2, 0));
    let part = scene.store.deliver(scene.now(), true).await.unwrap().unwrap();
    assert_eq!((part.delivered, part.users.len()), (2, 2));
    let mut missing: BTreeSet<UserId> = ["a", "b", "c", "é"].map(id).into();
    part.users.iter().for_each(|user| assert!(missing.remove(user)));
    for user in missing {
        assert_eq!(scene.unread(user.as_str()).await, 1);
    }
}

/// The same key again says how many still wait.
pub async fn tell_who_repeats_how_many_wait(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let again = || scene.send_as("app", Some("k"), Message::info("long"), &["a", "b", "c"]);
    let first = again().await.unwrap();
    scene.store.deliver(scene.now(), false).await.unwrap().unwrap();
    let repeated = again().await.unwrap();
    assert_eq!((repeated.id, repeated.recipients), (first.id, 3));
    assert!(repeated.repeated);
    assert_eq!(repeated.waiting, 1);
    scene.deliver_all().await;
    assert_eq!(again().await.unwrap().waiting, 0);
    assert_eq!(scene.unread("a").await, 1);
}

/// Retracted midway, it is gone from everyone at once, and nobody else gets it.
pub async fn can_be_retracted_midway(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let names = users(7);
    let to: Vec<&str> = names.iter().map(String::as_str).collect();
    scene.send("before", &["u0000", "u0006"]).await;
    let sent = scene.send("long", &to).await;
    let mut reached = Vec::new();
    for _ in 0..2 {
        let part = scene.store.deliver(scene.now(), true).await.unwrap().unwrap();
        reached.extend(part.users);
    }
    // In every state there is.
    let item = |items: &[crate::Item]| items[0].id;
    for (number, user) in reached.iter().enumerate() {
        let user = user.as_str();
        let long = item(&scene.all(user, Filter::unread()).await);
        match number {
            0 => assert!(scene.read(user, long).await),
            1 => assert!(scene.mark_all_now(user).await && scene.keep(user, long).await),
            2 => assert!(scene.dismiss(user, long).await),
            _ => {}
        }
    }
    assert!(scene.retract(sent.id).await);
    assert!(!scene.retract(sent.id).await);
    for user in &names {
        assert!(!scene.archive(user).await.contains(&"long".to_owned()), "{user}");
        let unread = scene.inbox(user).await.len() as u64;
        assert_eq!(scene.unread(user).await, unread);
        let export = scene.store.export(scene.now(), &id(user)).await.unwrap();
        assert!(export.items.iter().all(|e| e.item.message.text() != "long"));
    }
    assert_eq!(scene.deliver_all().await, 0);
    assert_eq!(scene.receipts(sent.id).await, Some((Some(7), Some(0), 0)));
    scene.send("after", &["u0000"]).await;
    scene.sweep().await;
    assert!(scene.inbox("u0000").await.starts_with(&["after".to_owned()]));
    assert_eq!(scene.receipts(sent.id).await, Some((Some(7), Some(0), 0)));
}

/// Expired midway, it is gone, and sweeping leaves neither items nor waiting parts.
pub async fn can_expire_midway(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let message = Message::info("long").expires_in(seconds(10));
    scene.send_message(message, &["a", "b", "c", "d", "e"]).await;
    scene.store.deliver(scene.now(), false).await.unwrap().unwrap();
    scene.pass(10);
    for user in ["a", "b", "c", "d", "e"] {
        assert_eq!(scene.unread(user).await, 0);
    }
    scene.sweep().await;
    assert!(scene.store.deliver(scene.now(), true).await.unwrap().is_none());
    for user in ["a", "b", "c", "d", "e"] {
        assert!(scene.archive(user).await.is_empty());
    }
    assert_eq!(scene.sweep().await, crate::store::Swept::default());
}

/// A later send may overtake; each user sees both, in the order in which they became visible, and
/// a mark in between covers what was visible.
pub async fn may_be_overtaken(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    scene.send("long", &["a", "b", "c"]).await;
    scene.send("short", &["c"]).await;
    let as_of = scene.count("c").await.as_of;
    scene.deliver_all().await;
    assert_eq!(scene.inbox("c").await, ["long", "short"]);
    scene.mark_all("c", as_of).await;
    assert_eq!(scene.inbox("c").await, ["long"]);
}

/// Several lists at once all arrive whole.
pub async fn do_not_mix(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let names = users(5);
    for number in 0..4 {
        let to: Vec<&str> = names.iter().skip(number % 2).map(String::as_str).collect();
        scene.send(&format!("{number}"), &to).await;
    }
    assert_eq!(scene.deliver_all().await, 5 + 4 + 5 + 4);
    let mut inbox = scene.inbox("u0004").await;
    inbox.sort();
    assert_eq!(inbox, ["0", "1", "2", "3"]);
    assert_eq!(scene.unread("u0000").await, 2);
}

/// Parts of the usual size, to the last user.
pub async fn of_many_thousands_arrive_whole(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let names: Vec<String> = (0..6_001).map(|number| format!("user-{number}")).collect();
    let to: Vec<&str> = names.iter().map(String::as_str).collect();
    let sent = scene.send("long", &to).await;
    assert_eq!(sent.waiting, 6_001);
    assert_eq!(scene.deliver_all().await, 6_001);
    for user in [&names[0], &names[1_999], &names[2_000], &names[6_000]] {
        assert_eq!(scene.inbox(user).await, ["long"]);
    }
    assert_eq!(scene.receipts(sent.id).await, Some((Some(6_001), Some(6_001), 0)));
    assert!(scene.retract(sent.id).await);
    for user in [&names[0], &names[6_000]] {
        assert_eq!(scene.unread(user).await, 0);
    }
    scene.sweep().await;
    assert!(scene.archive(&names[3_000]).await.is_empty());
}

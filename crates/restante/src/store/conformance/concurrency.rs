//! Many at once, on several handles. To be run on several threads.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::Harness;
use super::scene::{Scene, id, users};
use crate::store::{Expiry, NewMessage, OutboxRow, Swept};
use crate::{Filter, ItemId, Message, Recipients, Store};

async fn send(store: &dyn Store, now: SystemTime, text: String, to: &[String]) -> i64 {
    let to = Recipients::new(to).unwrap();
    let expiry = Expiry::default();
    let message =
        NewMessage::prepare(now, Message::info(text), "app", None, Some(&to), false, expiry);
    store.send(now, &message.unwrap(), &to).await.unwrap().id.value()
}

/// Eight senders at once: every message arrives once, positions are all different, and each
/// sender's own rise.
pub async fn loses_and_repeats_nothing(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let now = scene.now();
    let mut senders = JoinSet::new();
    for sender in 0..8 {
        let store = scene.by_second_handle().await.store;
        senders.spawn(async move {
            let mut positions = Vec::new();
            for number in 0..50 {
                let to = [format!("own-{sender}"), "alice".to_owned()];
                let text = format!("{sender} {number}");
                positions.push(send(store.as_ref(), now, text, &to).await);
            }
            positions
        });
    }
    let mut all = HashSet::new();
    while let Some(positions) = senders.join_next().await {
        let positions = positions.unwrap();
        assert!(positions.is_sorted());
        all.extend(positions);
    }
    assert_eq!(all.len(), 400);
    assert_eq!(scene.inbox("alice").await.into_iter().collect::<HashSet<_>>().len(), 400);
    assert_eq!(scene.unread("alice").await, 400);
    assert_eq!(scene.unread("own-3").await, 50);
}

/// The same new users from several processes at the same moment: nobody waits for ever, nobody is
/// refused, all arrive. They are many, so that making them takes long enough to get in each other's
/// way.
pub async fn does_not_deadlock_on_new_users(harness: &dyn Harness) {
    const ROUNDS: usize = 4;
    let scene = Scene::new(harness).await;
    let now = scene.now();
    let together = Arc::new(Barrier::new(4));
    let mut senders = JoinSet::new();
    for sender in 0..4 {
        let store = scene.by_second_handle().await.store;
        let together = Arc::clone(&together);
        senders.spawn(async move {
            // A handle's first write may have to connect.
            send(store.as_ref(), now, "first".to_owned(), &[format!("own-{sender}")]).await;
            for round in 0..ROUNDS {
                let names = users(1_000).into_iter().map(|user| format!("{round}-{user}"));
                let mut to: Vec<String> = names.collect();
                if sender % 2 == 1 {
                    to.reverse();
                }
                together.wait().await;
                send(store.as_ref(), now, format!("{sender}"), &to).await;
            }
        });
    }
    while let Some(done) = senders.join_next().await {
        done.unwrap();
    }
    for round in 0..ROUNDS {
        assert_eq!(scene.unread(&format!("{round}-u0000")).await, 4);
        assert_eq!(scene.unread(&format!("{round}-u0999")).await, 4);
    }
}

/// Several processes deliver one list: each part goes to one of them.
pub async fn shares_the_parts_of_a_list(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 3).await;
    let now = scene.now();
    let names = users(200);
    let to: Vec<&str> = names.iter().map(String::as_str).collect();
    let sent = scene.send("long", &to).await;
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        let store = scene.by_second_handle().await.store;
        workers.spawn(async move {
            let mut reached = Vec::new();
            while let Some(part) = store.deliver(now, true).await.unwrap() {
                reached.extend(part.users);
            }
            reached
        });
    }
    let (mut total, mut all) = (0, BTreeSet::new());
    while let Some(reached) = workers.join_next().await {
        let reached = reached.unwrap();
        total += reached.len();
        all.extend(reached);
    }
    assert_eq!((total, all.len()), (200, 200));
    for user in &names {
        assert_eq!(scene.inbox(user).await, ["long"]);
    }
    assert_eq!(scene.receipts(sent.id).await, Some((Some(200), Some(200), 0)));
}

/// Several processes relay one outbox: each row once, one recipient's in order.
pub async fn shares_the_outbox(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let now = scene.now();
    for number in 0..120 {
        scene.leave(OutboxRow::new(["a", "b"][number % 2], format!("{number:03}"))).await;
    }
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        let store = scene.by_second_handle().await.store;
        workers.spawn(async move {
            let mut relayed = Vec::new();
            loop {
                let batch = store.relay(now, Expiry::default(), 7).await.unwrap();
                relayed.extend(batch.messages.iter().map(|message| message.outbox_id));
                if !batch.more {
                    return relayed;
                }
            }
        });
    }
    let mut ids = Vec::new();
    while let Some(relayed) = workers.join_next().await {
        ids.extend(relayed.unwrap());
    }
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "relayed twice");
    while scene.relay(100).await.more {}
    for user in ["a", "b"] {
        let inbox = scene.inbox(user).await;
        assert_eq!(inbox.len(), 60);
        assert!(inbox.is_sorted_by(|a, b| a > b), "out of order: {inbox:?}");
    }
}

/// One user's marks from several devices: each item is marked once, by one of them.
pub async fn marks_each_item_once(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let now = scene.now();
    let mut items = Vec::new();
    for number in 0..40 {
        let sent = if number % 4 == 0 {
            scene.broadcast(&format!("{number}")).await
        } else {
            scene.send(&format!("{number}"), &["alice"]).await
        };
        items.push(ItemId::new(sent.id.value()));
    }
    let mut devices = JoinSet::new();
    for _ in 0..4 {
        let store = scene.by_second_handle().await.store;
        let items = items.clone();
        devices.spawn(async move {
            let mut changed = 0;
            for item in items {
                changed += store.mark_read(now, &id("alice"), &[item]).await.unwrap();
            }
            changed
        });
    }
    let mut changed = 0;
    while let Some(device) = devices.join_next().await {
        changed += device.unwrap();
    }
    assert_eq!(changed, 40);
    assert_eq!(scene.unread("alice").await, 0);
}

/// A page, its count and its `as_of` are of one moment while others write.
pub async fn reads_from_one_snapshot(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let now = scene.now();
    let mut writers = JoinSet::new();
    for writer in 0..2 {
        let store = scene.by_second_handle().await.store;
        writers.spawn(async move {
            for number in 0..80 {
                let text = format!("{writer} {number}");
                let position = send(store.as_ref(), now, text, &["alice".to_owned()]).await;
                if number % 2 == 0 {
                    let item = ItemId::new(position);
                    store.mark_read(now, &id("alice"), &[item]).await.unwrap();
                }
            }
        });
    }
    let filter = Filter::unread().limit(100);
    while !writers.is_empty() {
        while let Some(done) = writers.try_join_next() {
            done.unwrap();
        }
        let page = scene.list("alice", &filter).await;
        if page.next.is_none() {
            assert_eq!(page.items.len() as u64, page.unread);
        }
        if let Some(newest) = page.items.first() {
            assert!(newest.id.value() <= page.as_of.personal(), "shown, but not in `as_of`");
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.unread("alice").await, 80);
}

/// Sending, delivering, retracting, forgetting and sweeping at once leave nothing when all is over.
pub async fn leaves_nothing_when_all_is_over(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 3).await;
    let now = scene.now();
    let mut workers = JoinSet::new();
    for worker in 0..3_usize {
        let store = scene.by_second_handle().await.store;
        workers.spawn(async move {
            for number in 0..30 {
                let to: Vec<_> = users(1 + (worker + number) % 8);
                let position = send(store.as_ref(), now, format!("{worker} {number}"), &to).await;
                if number % 3 == 0 {
                    let message = crate::MessageId::new(position);
                    assert!(store.retract(now, message, None).await.unwrap());
                }
                if number % 10 == 9 {
                    store.forget(now, &id("u0001")).await.unwrap();
                }
            }
        });
    }
    let store = scene.by_second_handle().await.store;
    workers.spawn(async move {
        for _ in 0..100 {
            store.deliver(now, false).await.unwrap();
            store.sweep(now).await.unwrap();
        }
    });
    while let Some(done) = workers.join_next().await {
        done.unwrap();
    }
    scene.deliver_all().await;
    assert_eq!(scene.unread("u0000").await, 60, "all that was not retracted");
    scene.pass(super::scene::ARCHIVE);
    scene.sweep().await;
    for user in users(8) {
        assert!(scene.archive(&user).await.is_empty());
        let export = scene.store.export(scene.now(), &id(&user)).await.unwrap();
        assert!(export.items.is_empty());
    }
    assert!(scene.store.deliver(scene.now(), false).await.unwrap().is_none());
    assert_eq!(scene.sweep().await, Swept::default());
}

/// A caller that goes away midway leaves the message sent or not sent, never half.
pub async fn survives_dropped_callers(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let now = scene.now();
    for number in 0..60_u64 {
        let store = scene.by_second_handle().await.store;
        let task = tokio::spawn(async move {
            let to = ["alice".to_owned(), "bob".to_owned()];
            send(store.as_ref(), now, format!("{number}"), &to).await;
        });
        for _ in 0..number % 6 {
            tokio::task::yield_now().await;
        }
        task.abort();
        let _ = task.await;
    }
    // A write that was under way when its caller left may still be on its way, even after a later
    // one by another handle: look until nothing moves.
    scene.send("last", &["alice", "bob"]).await;
    let mut seen = (scene.inbox("alice").await, scene.inbox("bob").await);
    for _ in 0..200 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        let again = (scene.inbox("alice").await, scene.inbox("bob").await);
        if again == seen && again.0 == again.1 {
            break;
        }
        seen = again;
    }
    let (alice, bob) = seen;
    assert_eq!(alice, bob);
    assert!(alice.contains(&"last".to_owned()));
}

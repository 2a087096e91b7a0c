//! Removing what nobody can see, in bounded steps.

use super::Harness;
use super::scene::{ARCHIVE, Scene, id, seconds, users};
use crate::store::Swept;
use crate::{Filter, ItemId, Message};

/// Nothing to remove is one step that removes nothing.
pub async fn does_nothing_when_there_is_nothing(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    assert_eq!(scene.store.sweep(scene.now()).await.unwrap(), Swept::default());
    scene.send("one", &["a"]).await;
    scene.broadcast("two").await;
    scene.mark_all_now("a").await;
    assert_eq!(scene.sweep().await, Swept::default());
    assert_eq!(scene.archive("a").await, ["two", "one"]);
}

/// Expired messages leave with all their items, whatever became of those, and tell how many.
pub async fn removes_what_expired(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let soon = |text: &str| Message::info(text).expires_in(seconds(60));
    let short = scene.send_message(soon("short"), &["a", "b"]).await;
    scene.send_message(soon("long"), &["a", "b", "c", "d", "e"]).await;
    scene.deliver_all().await;
    let everyone = scene.broadcast_message(soon("everyone")).await;
    scene.read("a", ItemId::new(short.id.value())).await;
    scene.dismiss("b", ItemId::new(short.id.value())).await;
    scene.read("a", ItemId::new(everyone.id.value())).await;
    scene.keep("a", ItemId::new(everyone.id.value())).await;
    scene.send("stays", &["a"]).await;
    scene.pass(60);
    let swept = scene.sweep().await;
    assert_eq!((swept.messages, swept.items), (3, 2 + 5 + 1));
    assert_eq!(scene.sweep().await, Swept::default());
    assert_eq!(scene.archive("a").await, ["stays"]);
    assert!(scene.archive("b").await.is_empty());
}

/// One step is bounded, so that senders never wait long; nothing is seen of it midway.
pub async fn goes_in_bounded_steps(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 500).await;
    let names = users(2_000);
    let to: Vec<&str> = names.iter().map(String::as_str).collect();
    for number in 0..4 {
        let message = Message::info(format!("{number}")).expires_in(seconds(60));
        scene.send_message(message, &to).await;
    }
    scene.deliver_all().await;
    scene.send("stays", &["u0000"]).await;
    scene.pass(60);
    let mut total = Swept::default();
    let mut steps = 0;
    loop {
        let step = scene.store.sweep(scene.now()).await.unwrap();
        assert!(step.items <= 4_000, "{step:?}");
        steps += 1;
        total += step;
        assert_eq!(scene.archive("u0000").await, ["stays"]);
        assert_eq!(scene.unread("u1999").await, 0);
        if !step.more {
            break;
        }
    }
    assert_eq!((total.messages, total.items), (4, 8_000));
    assert!(steps >= 2);
}

/// It runs in the middle of everything without changing what anybody sees.
pub async fn changes_nothing_that_is_seen(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    for number in 0..30_u64 {
        let message = Message::info(format!("{number}")).expires_in(seconds(5 + number * 7 % 40));
        match number % 3 {
            0 => scene.send_message(message, &["a", "b", "c"]).await,
            1 => scene.broadcast_message(message).await,
            _ => scene.send_message(message, &["a"]).await,
        };
        scene.store.deliver(scene.now(), false).await.unwrap();
        if number % 4 == 0 {
            scene.mark_all_now("a").await;
        }
        if number % 5 == 0 {
            let newest = scene.list("a", &Filter::archive()).await.items;
            scene.keep("a", newest[newest.len() / 2].id).await;
        }
        scene.pass(2);
        let seen = async || {
            let items = scene.all("a", Filter::archive()).await;
            format!("{:?} {:?}", scene.count("a").await.unread, items)
        };
        let before = seen().await;
        scene.store.sweep(scene.now()).await.unwrap();
        assert_eq!(seen().await, before);
        scene.sweep().await;
        assert_eq!(seen().await, before);
    }
}

/// A mark dates items as long as there are any, however old; then it leaves too.
pub async fn keeps_marks_while_they_date_something(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send_message(Message::info("long").never_expires(), &["a"]).await;
    scene.mark_all_now("a").await;
    let read_at = scene.now();
    for _ in 0..5 {
        scene.pass(86_400);
        scene.send_message(Message::info("x").expires_in(seconds(10)), &["a"]).await;
        scene.mark_all_now("a").await;
    }
    scene.pass(ARCHIVE);
    scene.sweep().await;
    assert_eq!(scene.item("a", "long").await.read_at, Some(read_at));
    assert_eq!(scene.archive("a").await, ["long"]);
}

/// Nothing is left behind by anything that was done.
pub async fn leaves_nothing(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let one = scene.send("short", &["a", "b"]).await;
    let long = scene.send("long", &["a", "b", "c", "d", "e"]).await;
    scene.deliver_all().await;
    let everyone = scene.broadcast("everyone").await;
    for sent in [one, everyone] {
        let item = ItemId::new(sent.id.value());
        scene.read("a", item).await;
        scene.keep("a", item).await;
        scene.dismiss("b", item).await;
    }
    scene.retract(long.id).await;
    scene.send_as("app", Some("k"), Message::info("keyed"), &["c"]).await.unwrap();
    scene.mark_all_now("c").await;
    scene.forget("b").await;
    scene.pass(ARCHIVE);
    assert_ne!(scene.sweep().await, Swept::default());
    assert_eq!(scene.sweep().await, Swept::default());
    for user in ["a", "b", "c", "d"] {
        let export = scene.store.export(scene.now(), &id(user)).await.unwrap();
        assert!(export.items.is_empty());
        assert_eq!(scene.count(user).await.unread, 0);
    }
    assert!(scene.log(0).await.is_empty());
    let keyed = scene.send_as("app", Some("k"), Message::info("new"), &["c"]).await.unwrap();
    assert!(!keyed.repeated);
    assert_eq!(scene.archive("c").await, ["new"]);
}

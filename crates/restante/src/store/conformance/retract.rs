//! Taking a message back.

use super::Harness;
use super::scene::{Scene, id, seconds};
use crate::store::SentFilter;
use crate::{ItemId, Message};

/// Gone from everyone at once, counts included, whatever they had done with it.
pub async fn takes_it_from_everyone(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let everyone = ["new", "read", "marked", "kept", "dismissed"];
    for is_broadcast in [false, true] {
        let sent = if is_broadcast {
            scene.broadcast("oops").await
        } else {
            scene.send("oops", &everyone).await
        };
        let item = ItemId::new(sent.id.value());
        scene.read("read", item).await;
        scene.mark_all_now("marked").await;
        scene.mark_all_now("kept").await;
        scene.keep("kept", item).await;
        scene.dismiss("dismissed", item).await;
        scene.send("stays", &everyone).await;
        let before = scene.count("kept").await;
        assert!(scene.retract(sent.id).await);
        assert!(!scene.retract(sent.id).await);
        assert_eq!(scene.count("kept").await.unread, before.unread - 1);
        for user in everyone {
            let inbox = scene.inbox(user).await;
            assert!(!scene.archive(user).await.contains(&"oops".to_owned()));
            assert_eq!(scene.unread(user).await, inbox.len() as u64);
            assert!(scene.get(user, item).await.is_none());
            assert!(!scene.read(user, item).await);
            assert!(!scene.keep(user, item).await);
            assert!(!scene.dismiss(user, item).await);
        }
        let recipients = (!is_broadcast).then_some(5);
        let figures = (recipients, recipients.map(|_| 0), 0);
        assert_eq!(scene.receipts(sent.id).await, Some(figures));
        scene.sweep().await;
        assert_eq!(scene.receipts(sent.id).await, Some(figures));
        assert_eq!(scene.unread("new").await, if is_broadcast { 2 } else { 1 });
    }
}

/// Only the sender, where one is named.
pub async fn is_for_the_sender_only(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send_as("shop", None, Message::info("one"), &["a"]).await.unwrap();
    let by = async |sender| scene.store.retract(scene.now(), sent.id, sender).await.unwrap();
    assert!(!by(Some("other")).await);
    assert!(!by(Some("app")).await);
    assert_eq!(scene.unread("a").await, 1);
    assert!(by(Some("shop")).await);
    assert_eq!(scene.unread("a").await, 0);
}

/// A mark made on a page that showed it still holds for the others.
pub async fn leaves_marks_right(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("one", &["a"]).await;
    let oops = scene.send("oops", &["a"]).await;
    let page = scene.count("a").await.as_of;
    scene.retract(oops.id).await;
    scene.sweep().await;
    scene.send("later", &["a"]).await;
    scene.mark_all("a", page).await;
    assert_eq!(scene.inbox("a").await, ["later"]);
    assert!(scene.item("a", "one").await.read_at.is_some());
}

/// With its sweeping done, a retracted broadcast leaves no state of anybody's.
pub async fn leaves_no_state_behind(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    for round in 0..3 {
        let sent = scene.broadcast(&format!("{round}")).await;
        for user in ["a", "b"] {
            scene.read(user, ItemId::new(sent.id.value())).await;
        }
        scene.retract(sent.id).await;
        scene.sweep().await;
        let count = scene.count("a").await;
        assert_eq!(count.unread, 0);
        let export = scene.store.export(scene.now(), &id("a")).await.unwrap();
        assert!(export.items.is_empty());
    }
    scene.broadcast("last").await;
    assert_eq!(scene.inbox("a").await, ["last"]);
}

/// Senders see for at most 30 days that it was, however long it would have stayed; then nothing of
/// it is left.
pub async fn is_remembered_for_thirty_days(harness: &dyn Harness) {
    const REMEMBERED: u64 = 30 * 86_400;
    let scene = Scene::with_parts(harness, 2).await;
    let always = |text: &str| Message::info(text).never_expires();
    let short = scene.send_message(always("short"), &["a"]).await;
    let long = scene.send_message(always("long"), &["a", "b", "c"]).await;
    scene.store.deliver(scene.now(), false).await.unwrap().unwrap();
    let everyone = scene.broadcast_message(always("everyone")).await;
    let brief = Message::info("brief").expires_in(seconds(REMEMBERED - 1));
    let brief = scene.send_message(brief, &["a"]).await;
    scene.send_message(always("stays"), &["a"]).await;
    for sent in [short, long, everyone, brief] {
        assert!(scene.retract(sent.id).await);
    }
    scene.sweep().await;
    let end = scene.now() + seconds(REMEMBERED);
    let listed = async || {
        let page = scene.store.sent(scene.now(), &SentFilter::default()).await.unwrap();
        let ends = page.messages.iter().map(|m| (m.message.text().to_owned(), m.expires_at));
        ends.collect::<Vec<_>>()
    };
    assert_eq!(
        listed().await,
        [
            ("stays", None),
            ("brief", Some(end - seconds(1))),
            ("everyone", Some(end)),
            ("long", Some(end)),
            ("short", Some(end))
        ]
        .map(|(text, end)| (text.to_owned(), end))
    );
    scene.pass(REMEMBERED - 1);
    assert_eq!(scene.sweep().await.messages, 1, "one would have left by itself");
    assert_eq!(scene.receipts(long.id).await, Some((Some(3), Some(0), 0)));
    scene.pass(1);
    for sent in [short, long, everyone] {
        assert!(scene.receipts(sent.id).await.is_none());
    }
    assert_eq!(scene.sweep().await.messages, 3);
    assert_eq!(listed().await.len(), 1);
    assert_eq!(scene.inbox("a").await, ["stays"]);
}

/// Its key still answers with the first result: a sender that tries again must not send it again.
pub async fn does_not_free_its_key(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let send = || scene.send_as("app", Some("k"), Message::info("one"), &["a"]);
    let first = send().await.unwrap();
    scene.retract(first.id).await;
    scene.sweep().await;
    let again = send().await.unwrap();
    assert!(again.repeated && again.id == first.id);
    assert_eq!((again.recipients, again.waiting), (1, 0));
    assert!(scene.archive("a").await.is_empty());
    let listed = scene.store.sent(scene.now(), &SentFilter::default()).await.unwrap();
    assert_eq!(listed.messages.len(), 1);
}

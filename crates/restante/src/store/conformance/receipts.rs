//! What senders see of what they sent.

use super::Harness;
use super::scene::{Scene, seconds};
use crate::store::SentFilter;
use crate::{ItemId, Message, MessageId};

/// Deliveries and reads of a list are counted as they come and go.
pub async fn count_deliveries_and_reads(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("one", &["a", "b", "c", "d"]).await;
    let item = ItemId::new(sent.id.value());
    scene.read("a", item).await;
    scene.mark_all_now("b").await;
    assert_eq!(scene.receipts(sent.id).await, Some((Some(4), Some(4), 2)));
    scene.keep("a", item).await;
    assert_eq!(scene.receipts(sent.id).await, Some((Some(4), Some(4), 1)));
    scene.mark_all_now("a").await;
    scene.dismiss("c", item).await;
    assert_eq!(scene.receipts(sent.id).await, Some((Some(4), Some(4), 2)));
}

/// A broadcast has readers and no deliveries.
pub async fn of_a_broadcast_count_readers(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send("known", &["a", "b", "c"]).await;
    let sent = scene.broadcast("hear").await;
    assert_eq!(scene.receipts(sent.id).await, Some((None, None, 0)));
    scene.mark_all_now("a").await;
    scene.mark_all_now("stranger").await;
    scene.read("b", ItemId::new(sent.id.value())).await;
    assert_eq!(scene.receipts(sent.id).await, Some((None, None, 3)));
    scene.keep("a", ItemId::new(sent.id.value())).await;
    scene.dismiss("b", ItemId::new(sent.id.value())).await;
    assert_eq!(scene.receipts(sent.id).await, Some((None, None, 2)));
}

/// They belong to who sent it.
pub async fn belong_to_the_sender(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send_as("shop", None, Message::info("one"), &["a"]).await.unwrap();
    let by = async |sender| scene.store.receipts(scene.now(), sent.id, sender).await.unwrap();
    assert!(by(Some("other")).await.is_none());
    assert!(by(Some("SHOP")).await.is_none());
    let receipts = by(Some("shop")).await.unwrap();
    assert_eq!((receipts.sent.sender.as_str(), receipts.sent.recipients), ("shop", Some(1)));
    assert_eq!(receipts.sent.message.text(), "one");
    assert_eq!(receipts.sent.date, scene.now());
    assert!(by(None).await.is_some());
}

/// Ids that no message has give nothing.
pub async fn are_none_of_what_was_not_sent(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    let sent = scene.send("long", &["a", "b", "c"]).await;
    let part = scene.store.deliver(scene.now(), false).await.unwrap().unwrap();
    assert!(scene.receipts(MessageId::new(part.position.value())).await.is_none());
    for number in [i64::MIN, -1, 0, 1, 2, sent.id.value() + 1, i64::MAX] {
        assert!(scene.receipts(MessageId::new(number)).await.is_none());
        assert!(!scene.retract(MessageId::new(number)).await);
    }
}

/// Sent messages are listed newest first, by sender, page by page; each once.
pub async fn are_listed_by_sender(harness: &dyn Harness) {
    let scene = Scene::with_parts(harness, 2).await;
    for number in 0..9 {
        let sender = if number % 3 == 0 { "shop" } else { "app" };
        let message = Message::info(format!("{number}"));
        if number % 2 == 0 {
            scene.send_as(sender, None, message, &["a", "b", "c"]).await.unwrap();
        } else {
            scene.broadcast_as(sender, None, message, false).await.unwrap();
        }
    }
    let listed = async |sender: Option<&str>, limit: usize| {
        let sender = sender.map(str::to_owned);
        let mut filter = SentFilter { sender, limit, ..SentFilter::default() };
        let mut texts = Vec::new();
        loop {
            let page = scene.store.sent(scene.now(), &filter).await.unwrap();
            assert!(page.messages.len() == limit || page.next.is_none());
            texts.extend(page.messages.iter().map(|m| m.message.text().to_owned()));
            filter.after = page.next;
            if page.next.is_none() {
                return texts;
            }
        }
    };
    for limit in [1, 2, 3, 9, 100] {
        assert_eq!(listed(Some("shop"), limit).await, ["6", "3", "0"]);
        assert_eq!(listed(None, limit).await.len(), 9);
        assert_eq!(listed(Some("nobody"), limit).await, [""; 0]);
    }
}

/// A retracted message stays in the list with the time; an expired one leaves it.
pub async fn stay_until_expiry(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let message = |text: &str| Message::info(text).expires_in(seconds(100));
    let one = scene.send_message(message("one"), &["a"]).await;
    scene.broadcast_message(message("two")).await;
    scene.pass(10);
    scene.retract(one.id).await;
    let retracted_at = scene.now();
    scene.pass(10);
    let sent = async || scene.store.sent(scene.now(), &SentFilter::default()).await.unwrap();
    let listed = sent().await.messages;
    assert_eq!(listed.len(), 2);
    assert_eq!((listed[0].retracted_at, listed[0].recipients), (None, None));
    assert_eq!((listed[1].retracted_at, listed[1].recipients), (Some(retracted_at), Some(1)));
    scene.sweep().await;
    assert_eq!(sent().await.messages.len(), 2);
    scene.pass(80);
    assert!(sent().await.messages.is_empty());
}

//! A message to one user or a short list.

use std::time::Duration;

use super::Harness;
use super::scene::{ARCHIVE, Scene, id};
use crate::store::OutboxRow;
use crate::{Filter, ItemId, Level, Message};

/// A message is in its user's inbox when `send` returns, and on every handle.
pub async fn is_in_the_inbox_at_once(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("Ahoy there", &["alice"]).await;
    assert_eq!((sent.recipients, sent.waiting, sent.repeated), (1, 0, false));
    assert_eq!(scene.inbox("alice").await, ["Ahoy there"]);
    assert_eq!(scene.by_second_handle().await.inbox("alice").await, ["Ahoy there"]);
}

/// Text, level, tags, url, data and times come back as they were given.
pub async fn comes_back_as_it_was_said(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let text = "Größe \u{1F4E8} 日本 \u{301}'\"%_\\;--\n\t<b>&amp;";
    let data = r#"{"b": 1.50, "a": "\u0041", "big": 123456789012345678901234567890}"#;
    let message = Message::new(Level::new(-7), text).tag("größe").tag("x-1").url("/a?b=c#d");
    let message = message.data_json(data).unwrap().expires_in(Duration::from_millis(90_001));
    scene.send_message(message, &["alice"]).await;

    let item = scene.item("alice", text).await;
    assert_eq!(item.message.level(), Level::new(-7));
    assert_eq!(item.message.extra_tags(), "größe x-1");
    assert_eq!(item.message.link(), Some("/a?b=c#d"));
    assert_eq!(item.message.raw_data().unwrap().get(), data);
    assert_eq!(item.date, scene.now());
    assert_eq!(item.expires_at, Some(scene.now() + Duration::from_secs(91)));
    assert!(item.unread && !item.everyone && item.read_at.is_none());
}

/// Two users are the same if their ids have the same bytes, and only then: neither case nor accents,
/// width or spaces at the end are passed over.
pub async fn tells_users_apart_by_their_bytes(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let users =
        ["a", "A", "a ", " a", "\u{e1}", "a\u{301}", "\u{ff41}", "ss", "\u{df}", "\u{1F4E8}"];
    for user in users {
        scene.send(&format!("to {user}"), &[user]).await;
        scene.leave(OutboxRow::new(user, format!("also to {user}"))).await;
    }
    scene.send("to all", &users).await;
    assert_eq!(scene.relay(100).await.messages.len(), users.len());
    for user in users {
        let inbox = scene.inbox(user).await;
        assert_eq!(inbox, [format!("also to {user}"), "to all".to_owned(), format!("to {user}")]);
        scene.leave(OutboxRow::new(user, "late")).await;
    }
    assert!(scene.forget("a").await);
    assert!(scene.inbox("a").await.is_empty());
    assert_eq!(scene.inbox("a ").await.len(), 3);
    let export = scene.store.export(scene.now(), &id("a ")).await.unwrap();
    assert_eq!((export.items.len(), export.outbox.len()), (3, 1));
}

/// What a message does not have is not there.
pub async fn has_nothing_that_was_not_given(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send_message(Message::success("bare"), &["alice"]).await;
    let item = scene.item("alice", "bare").await;
    assert_eq!(item.message.tags().count(), 0);
    assert!(item.message.link().is_none() && item.message.raw_data().is_none());
    assert_eq!(item.tags(), "success");
    assert_eq!(item.expires_at, Some(scene.now() + Duration::from_secs(ARCHIVE)));
}

/// The largest message that is allowed comes back whole.
pub async fn may_be_as_large_as_the_limits(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let text = "\u{1F4E8}".repeat(crate::limits::TEXT_BYTES / 4);
    let data = format!("\"{}\"", "d".repeat(crate::limits::DATA_BYTES - 2));
    let url = format!("/{}", "ü".repeat(crate::limits::URL_CHARS - 1));
    let mut message = Message::info(&text).url(&url).data_json(&data).unwrap();
    for number in 10..10 + crate::limits::TAGS {
        message = message.tag(format!("{number}{}", "t".repeat(crate::limits::TAG_BYTES - 2)));
    }
    let user = "u".repeat(crate::limits::USER_BYTES);
    let key = "k".repeat(crate::limits::KEY_BYTES);
    scene.send_as(&key, Some(&key), message.clone(), &[&user]).await.unwrap();
    let item = scene.item(&user, &text).await;
    assert_eq!(item.message.raw_data().unwrap().get(), data);
    assert_eq!(item.message.link(), Some(url.as_str()));
    assert_eq!(item.message.extra_tags(), message.extra_tags());
    assert!(scene.send_as(&key, Some(&key), message, &[&user]).await.unwrap().repeated);
}

/// All users of a list get it, each with the message's id as the item's.
pub async fn reaches_all_of_a_list(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("to all", &["carol", "alice", "bob"]).await;
    assert_eq!((sent.recipients, sent.waiting), (3, 0));
    for user in ["alice", "bob", "carol"] {
        let item = scene.item(user, "to all").await;
        assert_eq!(item.id.value(), sent.id.value());
    }
    assert!(scene.inbox("dave").await.is_empty());
    assert_eq!(scene.receipts(sent.id).await, Some((Some(3), Some(3), 0)));
}

/// Who is named twice gets one.
pub async fn reaches_who_is_named_twice_once(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let sent = scene.send("once", &["alice", "bob", "alice", "alice"]).await;
    assert_eq!(sent.recipients, 2);
    assert_eq!(scene.inbox("alice").await, ["once"]);
    assert_eq!(scene.receipts(sent.id).await, Some((Some(2), Some(2), 0)));
}

/// Equal messages are as many items.
pub async fn does_not_merge_equal_messages(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let first = scene.send("same", &["alice"]).await;
    let second = scene.send("same", &["alice"]).await;
    assert_ne!(first.id, second.id);
    assert_eq!(scene.inbox("alice").await, ["same", "same"]);
    assert!(scene.read("alice", ItemId::new(first.id.value())).await);
    assert_eq!(scene.unread("alice").await, 1);
}

/// User ids are compared byte by byte, whatever a collation makes of them.
pub async fn knows_users_by_their_bytes(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let users = [
        "a",
        "A",
        "a ",
        " a",
        "á",
        "a\u{301}",
        "\u{1F600}",
        "'",
        "\"",
        "%",
        "_",
        "\\",
        "**",
        "1",
        "01",
        "1.0",
        "null",
        "a/b",
        "{u}",
        "ß",
        "ss",
        "a\u{ad}",
    ];
    for user in users {
        scene.send(&format!("for {user}"), &[user]).await;
    }
    for user in users {
        assert_eq!(scene.archive(user).await, [format!("for {user}")]);
        let export = scene.store.export(scene.now(), &id(user)).await.unwrap();
        assert_eq!((export.user, export.items.len()), (id(user), 1));
    }
    scene.forget("a").await;
    scene.sweep().await;
    assert!(scene.archive("a").await.is_empty());
    assert_eq!(scene.archive("A").await, ["for A"]);
}

/// Filters look at level, tag and text; a usual level also finds its stored twin.
pub async fn can_be_found_by_level_tag_and_text(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    scene.send_message(Message::info("Straße eins").tag("road"), &["alice"]).await;
    scene.send_message(Message::new(Level::STORED_INFO, "zwei"), &["alice"]).await;
    scene.broadcast_message(Message::error("STRASSE drei").tag("roadside")).await;
    scene.send_message(Message::error("vier").tag("road").tag("b"), &["alice"]).await;
    let found = async |filter: Filter| {
        let items = scene.all("alice", filter).await;
        super::scene::texts(&items)
    };
    assert_eq!(found(Filter::unread().level(Level::INFO)).await, ["zwei", "Straße eins"]);
    assert_eq!(found(Filter::archive().level(Level::STORED_INFO)).await, ["zwei"]);
    assert_eq!(found(Filter::unread().tag("road")).await, ["vier", "Straße eins"]);
    assert_eq!(found(Filter::unread().tag("road").level(Level::ERROR)).await, ["vier"]);
    assert_eq!(found(Filter::unread().tag("roa")).await, [""; 0]);
    assert_eq!(found(Filter::unread().containing("STRAßE")).await, ["Straße eins"]);
    assert_eq!(found(Filter::unread().containing("strasse")).await, ["STRASSE drei"]);
    assert_eq!(found(Filter::unread().containing("%")).await, [""; 0]);
    let page = scene.list("alice", &Filter::unread().tag("road").limit(1)).await;
    assert_eq!(page.unread, 4, "the count is whatever the filter");
}

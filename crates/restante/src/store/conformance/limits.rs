//! What is refused, is refused before a store sees it.

use std::sync::Arc;

use super::Harness;
use super::scene::Scene;
use crate::store::SentFilter;
use crate::testing::FixedClock;
use crate::{Error, ErrorKind, Filter, ItemId, Message, Restante, To, limits};

fn service(scene: &Scene<'_>) -> Restante {
    let clock: FixedClock = scene.clock.clone();
    Restante::from_arc(Arc::clone(&scene.store)).without_background().with_clock(clock)
}

fn refused<T>(result: Result<T, Error>) -> (ErrorKind, Option<&'static str>) {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(error) => (error.kind(), error.field()),
    }
}

/// Every field of a message is checked, named in the error, and nothing is sent.
pub async fn hold_for_messages(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let restante = service(&scene);
    let long = |length: usize| "x".repeat(length);
    let tags = (0..=limits::TAGS).fold(Message::info("x"), |message, n| message.tag(n.to_string()));
    let data = serde_json::Value::String(long(limits::DATA_BYTES - 1));
    let (invalid, too_large) = (ErrorKind::Invalid, ErrorKind::TooLarge);
    let cases = [
        (Message::info(""), invalid, "message"),
        (Message::info("a\0b"), invalid, "message"),
        (Message::info("a\u{1b}[0m"), invalid, "message"),
        (Message::info(long(limits::TEXT_BYTES + 1)), too_large, "message"),
        (Message::info("x").tag(""), invalid, "tags"),
        (Message::info("x").tag("a b"), invalid, "tags"),
        (Message::info("x").tag("a\u{a0}b"), invalid, "tags"),
        (Message::info("x").tag(long(limits::TAG_BYTES + 1)), too_large, "tags"),
        (tags, too_large, "tags"),
        (Message::info("x").url("//evil"), invalid, "url"),
        (Message::info("x").url("ftp://a"), invalid, "url"),
        (Message::info("x").url(format!("/{}", long(limits::URL_CHARS))), too_large, "url"),
        (Message::info("x").data(data), too_large, "data"),
        (Message::info("x").expires_at(scene.now()), invalid, "expires"),
    ];
    for (message, kind, field) in cases {
        let sent = restante.send(message.clone(), "alice").await;
        assert_eq!(refused(sent), (kind, Some(field)), "{message:?}");
        let sent = restante.send(message, To::everyone()).await;
        assert_eq!(refused(sent), (kind, Some(field)));
    }
    assert!(scene.archive("alice").await.is_empty());
    assert!(scene.log(0).await.is_empty());
}

/// So are recipients, keys and senders.
pub async fn hold_for_requests(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let restante = service(&scene);
    let (invalid, too_large) = (ErrorKind::Invalid, ErrorKind::TooLarge);
    let send = |to: To| restante.send(Message::info("x"), to);
    let nobody: [&str; 0] = [];
    assert_eq!(refused(send(nobody.into()).await), (invalid, Some("to")));
    for bad in ["", "*", "a\n", "\u{85}"] {
        assert_eq!(refused(send(["alice", bad].into()).await), (invalid, Some("to")));
        assert_eq!(refused(restante.inbox(bad)), (invalid, Some("user")));
    }
    let long = "u".repeat(limits::USER_BYTES + 1);
    assert_eq!(refused(restante.inbox(&long)), (too_large, Some("user")));
    assert_eq!(refused(send((&long).into()).await), (invalid, Some("to")));
    let name = "k".repeat(limits::KEY_BYTES + 1);
    assert_eq!(refused(send("a".into()).key(&name).await), (too_large, Some("key")));
    assert_eq!(refused(send("a".into()).sender(&name).await), (too_large, Some("sender")));
    assert_eq!(refused(send("a".into()).key("").await), (invalid, Some("key")));
    assert_eq!(refused(send("a".into()).newcomers().await), (invalid, Some("newcomers")));
    assert!(scene.archive("alice").await.is_empty());
}

/// And what is asked for.
pub async fn hold_for_questions(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    let restante = service(&scene);
    let (invalid, too_large) = (ErrorKind::Invalid, ErrorKind::TooLarge);
    let inbox = restante.inbox("alice").unwrap();
    let list = async |filter: Filter| refused(inbox.list(filter).await);
    assert_eq!(list(Filter::unread().limit(0)).await, (invalid, Some("limit")));
    assert_eq!(list(Filter::unread().limit(101)).await, (too_large, Some("limit")));
    assert_eq!(list(Filter::unread().tag("t".repeat(65))).await, (too_large, Some("tag")));
    assert_eq!(list(Filter::unread().containing("q".repeat(256))).await, (too_large, Some("q")));
    assert_eq!(list(Filter::unread().tag("t\n")).await, (invalid, Some("tag")));
    assert_eq!(list(Filter::unread().containing("q\0")).await, (invalid, Some("q")));
    let sent =
        async |limit| refused(restante.sent(SentFilter { limit, ..SentFilter::default() }).await);
    assert_eq!(sent(0).await, (invalid, Some("limit")));
    assert_eq!(sent(101).await, (too_large, Some("limit")));
    let many = vec![ItemId::new(2); limits::MARKED_ITEMS + 1];
    assert_eq!(refused(inbox.mark_read_many(&many).await), (too_large, Some("ids")));
    assert_eq!(inbox.mark_read_many(&many[1..]).await.unwrap(), 0);
}

/// CRLF becomes LF; newline and tab pass.
pub async fn leave_newlines_and_tabs(harness: &dyn Harness) {
    let scene = Scene::new(harness).await;
    service(&scene).send(Message::info("a\r\nb\n\tc"), "alice").await.unwrap();
    assert_eq!(scene.inbox("alice").await, ["a\nb\n\tc"]);
}

//! The live stream; what it tells and when has its tests in `service` and `live`.

use futures_util::StreamExt;
use restante::Message;

use super::Site;
use crate::site::{App as _, alice};

#[tokio::test]
async fn what_arrives_is_told_while_the_stream_is_open() {
    let site = Site::new();
    let request = alice("GET", "/messages/inbox/stream").body(Vec::new()).unwrap();
    let (head, mut events) = site.app.open(request).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-type"), "text/event-stream");
    assert_eq!(head.header("x-accel-buffering"), "no");
    assert_eq!(head.header("cache-control"), "private, no-cache");
    assert_eq!(head.header("vary"), "Cookie");
    let page = site.get("/messages/inbox").await;
    assert_eq!(head.header("restante-reader"), page.header("restante-reader"));
    assert_eq!(head.header("restante-reader").len(), 16);
    assert!(events.next().await.unwrap().starts_with("retry: "));
    let counted = events.next().await.unwrap();
    assert!(counted.contains("event: count\n") && counted.contains("\"unread\":0"), "{counted}");

    site.send(Message::info("for bob"), "bob").await;
    site.send(Message::info("for alice"), "alice").await;
    let arrived = events.next().await.unwrap();
    assert!(arrived.starts_with("event: message\nid: "), "{arrived}");
    assert!(arrived.contains("for alice") && arrived.contains("\"unread\":1"), "{arrived}");
    assert!(!arrived.contains("bob"), "{arrived}");
}

#[tokio::test]
async fn it_goes_on_after_the_last_id() {
    let site = Site::new();
    site.send(Message::info("before"), "alice").await;
    let as_of = site.get("/messages/inbox").await.json()["as_of"].as_str().unwrap().to_owned();
    site.send(Message::info("missed"), "alice").await;
    let by_header = alice("GET", "/messages/inbox/stream").header("last-event-id", &as_of);
    let by_query = alice("GET", &format!("/messages/inbox/stream/?last_event_id={as_of}"));
    for request in [by_header, by_query] {
        let (_, events) = site.app.open(request.body(Vec::new()).unwrap()).await;
        let seen = events.take(2).collect::<String>().await;
        assert!(seen.contains("missed") && !seen.contains("before"), "{seen}");
    }
}

#[tokio::test]
async fn an_id_of_no_stream_is_refused() {
    let site = Site::new();
    let request = alice("GET", "/messages/inbox/stream").header("last-event-id", "x y");
    let problem = site.ask(request.body(Vec::new()).unwrap()).await.problem();
    assert_eq!((&problem["status"], &problem["field"]), (&422.into(), &"last_event_id".into()));
    let problem = site.get("/messages/inbox/stream?last_event_id=!").await.problem();
    assert_eq!(problem["detail"], "must be an `id` of a stream");
}

#[tokio::test]
async fn its_head_ends() {
    let site = Site::new();
    let head = site.call("HEAD", "/messages/inbox/stream").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), "text/event-stream");
}

#[tokio::test]
async fn a_user_has_100_at_most() {
    let site = Site::new();
    let inbox = site.restante.inbox("alice").unwrap();
    let open: Vec<_> = (0..100).map(|_| inbox.event_stream(None).unwrap()).collect();
    let problem = site.get("/messages/inbox/stream").await.problem();
    assert_eq!(problem["type"], "urn:restante:problem:too-many-streams");
    assert_eq!(problem["status"], 429);
    drop(open);
}

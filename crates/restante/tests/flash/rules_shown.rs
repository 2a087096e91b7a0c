//! When a message counts as shown: rule 2 of the public interface.

use restante::{MemoryStore, Message, Restante};

use super::{browser, layer, layer_with};
use crate::stores::unread;

#[tokio::test]
async fn rule_02_taken_ones_leave_with_a_page_that_somebody_sees() {
    let mut browser = browser(layer());
    for (status, leaves) in [
        (200, true),
        (201, true),
        (204, true),
        (301, false),
        (303, false),
        (304, false),
        (400, true),
        (422, true),
        (500, false),
        (503, false),
    ] {
        browser.jar.clear();
        browser.get("/add:a").await;
        let answer = browser.get(&format!("/take/status:{status}")).await;
        assert_eq!(answer.deletes(), leaves, "{status}");
        assert_eq!(answer.set_cookie().is_some(), leaves, "{status}");
    }
}

#[tokio::test]
async fn rule_02_not_for_head() {
    let restante = Restante::new(MemoryStore::new());
    let mut browser = browser(layer_with(&restante)).with("x-user", "alice");
    browser.get("/add:a/stored:b").await;
    assert_eq!(browser.send("HEAD", "/take").await.set_cookie(), None);
    assert_eq!(unread(&restante, "alice").await, 1);
    assert!(browser.get("/take").await.deletes());
}

#[tokio::test]
async fn rule_02_not_for_prefetch() {
    for purpose in ["prefetch", "prefetch;prerender"] {
        let mut browser = browser(layer());
        browser.get("/add:a").await;
        let mut early = browser.clone().with("sec-purpose", purpose);
        let answer = early.get("/take").await;
        assert_eq!((answer.body.as_str(), answer.set_cookie()), ("a", None));
        assert!(answer.headers.get("cache-control").is_none());
        assert!(browser.get("/take").await.deletes());
    }
}

#[tokio::test]
async fn rule_02_queued_ones_are_kept_whatever_the_status() {
    let restante = Restante::new(MemoryStore::new());
    let mut browser = browser(layer_with(&restante)).with("x-user", "alice");
    let answer = browser.get("/add:a/stored:b/take/status:500").await;
    assert_eq!((answer.body.as_str(), answer.left()), ("a,b", vec!["a"]));
    assert_eq!(unread(&restante, "alice").await, 1);
}

#[tokio::test]
async fn rule_02_no_cache_keeps_a_page_that_showed_any() {
    let cache = |answer: &crate::browser::Answer| {
        answer.headers.get("cache-control").map(|value| value.to_str().unwrap().to_owned())
    };
    let mut shown = browser(layer());
    let answer = shown.get("/add:a/take").await;
    assert_eq!(cache(&answer).unwrap(), "private, no-store");
    for none_shown in ["/", "/take", "/peek", "/add:b/peek", "/take/status:302"] {
        let answer = shown.get(none_shown).await;
        assert_eq!(cache(&answer), None, "{none_shown}");
    }

    let answer = shown.get("/add:a/take/cached").await;
    assert_eq!(cache(&answer).unwrap(), "private, max-age=1", "unless the handler said otherwise");

    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("a"), "alice").await.unwrap();
    let mut alice = browser(layer_with(&restante)).with("x-user", "alice");
    assert!(cache(&alice.get("/take").await).is_some());
}

#[tokio::test]
async fn rule_02_a_body_that_streams_may_look() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    for before in ["", "/add:b", "/take/add:c", "/keep"] {
        let mut browser = browser.clone();
        let answer = browser.get(&format!("{before}/stream")).await;
        assert!(answer.body.starts_with('a'), "{before}: {}", answer.body);
    }
    assert_eq!(browser.get("/take").await.body, "a", "and nothing was taken");
}

//! Two requests of one browser that overlap: what a cookie can and cannot do. The documentation of
//! `Messages` says the same.

use restante::{MemoryStore, Restante};

use super::{browser, layer, layer_with, page};
use crate::stores::unread;

#[tokio::test]
async fn of_two_that_add_the_later_response_wins() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    let (one, two) = (browser.begin("GET", "/add:b").await, browser.begin("GET", "/add:c").await);
    browser.keep_cookies(&one.headers);
    browser.keep_cookies(&two.headers);
    // `b` is lost: the second request knew nothing of it, and its cookie replaced the first's.
    assert_eq!(browser.get("/take").await.body, "a,c");
}

#[tokio::test]
async fn of_two_that_show_both_show() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    let (one, two) = (browser.begin("GET", "/take").await, browser.begin("GET", "/take").await);
    let shown = (browser.read(one).await.body, browser.read(two).await.body);
    assert_eq!(shown, ("a".to_owned(), "a".to_owned()));
}

#[tokio::test]
async fn one_that_shows_and_one_that_adds() {
    // The added one is there in either order that loses nothing: it may take with it what was shown.
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    let (shows, adds) = (browser.begin("GET", "/take").await, browser.begin("GET", "/add:b").await);
    browser.keep_cookies(&shows.headers);
    browser.keep_cookies(&adds.headers);
    assert_eq!(browser.get("/take").await.body, "a,b", "`a` is shown twice");
}

#[tokio::test]
async fn one_that_does_not_touch_messages_loses_nothing() {
    let mut browser = browser(layer());
    let (adds, idle) = (browser.begin("GET", "/add:a").await, browser.begin("GET", "/").await);
    browser.keep_cookies(&adds.headers);
    browser.keep_cookies(&idle.headers);
    assert_eq!(browser.get("/take").await.body, "a");
}

#[tokio::test]
async fn stored_messages_do_not_mind() {
    let restante = Restante::new(MemoryStore::new());
    let mut browser = browser(layer_with(&restante)).with("x-user", "alice");
    let (one, two) =
        tokio::join!(browser.begin("GET", "/stored:b"), browser.begin("GET", "/stored:c"));
    drop((one, two));
    assert_eq!(unread(&restante, "alice").await, 2);
    assert_eq!(browser.get("/take").await.body, "b,c");
}

#[tokio::test]
async fn a_stored_message_that_arrives_while_a_page_is_made_stays_unread() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(restante::Message::info("a"), "alice").await.unwrap();
    let late = restante.clone();
    let mut browser = page(layer_with(&restante), move |messages: restante::Messages| {
        let late = late.clone();
        async move {
            let seen = messages.take().await.len();
            late.send(restante::Message::info("late"), "alice").await.unwrap();
            seen.to_string()
        }
    })
    .with("x-user", "alice");
    assert_eq!(browser.get("/").await.body, "1");
    assert_eq!(unread(&restante, "alice").await, 1);
}

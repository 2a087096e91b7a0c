//! What the response stores.

use super::{browser, browser_of_two, layer};

#[tokio::test]
async fn line_29_untouched_sets_no_cookie() {
    let mut browser = browser(layer());
    assert_eq!(browser.get("/").await.set_cookie(), None);
    browser.get("/add:a").await;
    assert_eq!(browser.get("/").await.set_cookie(), None);
    assert_eq!(browser.get("/peek").await.set_cookie(), None, "only the length asked");
}

#[tokio::test]
async fn line_30_unread_and_added_are_both_stored() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert_eq!(browser.get("/add:b").await.left(), ["a", "b"]);
}

#[tokio::test]
async fn line_31_read_and_nothing_added_deletes_when_it_was_shown() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert_eq!(browser.get("/take/status:302").await.set_cookie(), None);
    assert_eq!(browser.get("/take/status:500").await.set_cookie(), None);
    assert!(browser.get("/take/status:404").await.deletes());
}

#[tokio::test]
async fn line_32_read_then_added_stores_only_the_later_ones() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert_eq!(browser.get("/add:b/take/add:c").await.left(), ["c"]);
}

#[tokio::test]
async fn line_33_read_and_kept_writes_nothing() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert_eq!(browser.get("/take/keep").await.set_cookie(), None);
    assert_eq!(browser.get("/take").await.body, "a");
}

#[tokio::test]
async fn line_34_added_read_and_kept() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert_eq!(browser.get("/add:b/take/keep").await.left(), ["a", "b"]);
}

#[tokio::test]
async fn line_35_read_kept_then_added() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert_eq!(browser.get("/take/keep/add:b").await.left(), ["a", "b"]);
}

#[tokio::test]
async fn line_36_read_then_only_dropped_adds_deletes() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert!(browser.get("/take/add:/debug:b").await.deletes());
}

#[tokio::test]
async fn line_38_twice_gives_the_same() {
    // A response is finished once; what can happen twice is the layer, and the same request.
    let mut browser = browser_of_two(layer(), layer());
    let once = browser.get("/add:a").await;
    assert_eq!(once.left(), ["a"]);
    assert_eq!(once.headers.get_all("set-cookie").iter().count(), 1);
    let before = browser.jar.clone();
    let first = browser.get("/add:b").await;
    browser.jar = before;
    let second = browser.get("/add:b").await;
    assert_eq!(first.set_cookie(), second.set_cookie());
}

#[tokio::test]
async fn line_38_an_unread_message_outlives_later_adds() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    browser.get("/add:b/status:302").await;
    browser.get("/add:c/status:500").await;
    assert_eq!(browser.get("/take").await.body, "a,b,c");
}

#[tokio::test]
async fn cleared_messages_are_gone_and_later_ones_are_not() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    assert_eq!(browser.get("/add:b/clear/take").await.body, "");
    browser.get("/add:a").await;
    assert_eq!(browser.get("/add:b/take/clear/add:c").await.left(), ["c"]);
    assert!(browser.get("/clear/status:302").await.deletes());
}

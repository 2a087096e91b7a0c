//! Messages in the session alone.

use super::{browser, has_session_text, layer, layer_without_sessions, session_only};

#[tokio::test]
async fn line_57_without_sessions_the_cookie_takes_them() {
    // Django's error at construction is a line in the log here: the page works.
    let mut browser = browser(layer_without_sessions());
    assert_eq!(browser.get("/add:a").await.left(), ["a"]);
    assert_eq!(browser.get("/take").await.body, "a");
}

#[tokio::test]
async fn line_58_a_text_under_the_key_messages() {
    let mut browser = session_only();
    let answer = browser.get("/add:a").await;
    assert_eq!(answer.set_cookie(), None);
    assert!(browser.get("/session").await.body.starts_with('"'), "a JSON string");
    assert_eq!(browser.get("/take").await.body, "a");
    assert_eq!(browser.get("/take").await.body, "");
}

#[tokio::test]
async fn line_59_emptying_removes_the_key() {
    let mut browser = session_only();
    browser.get("/add:a").await;
    assert!(has_session_text(&mut browser).await);
    browser.get("/take").await;
    assert!(!has_session_text(&mut browser).await);
}

#[tokio::test]
async fn line_59_emptying_what_is_not_there_changes_no_session() {
    let mut browser = session_only();
    for path in ["/take", "/clear", "/clear/take", "/add:a/take", "/"] {
        let answer = browser.get(path).await;
        // The session layer sets its cookie when the session was changed.
        assert!(answer.headers.get("set-cookie").is_none(), "{path}");
    }
}

#[tokio::test]
async fn line_61_it_never_overflows() {
    let mut browser = session_only();
    assert_eq!(browser.get("/many:500/long:50000").await.set_cookie(), None);
    let answer = browser.get("/take").await;
    assert_eq!(answer.body.split(',').count(), 501);
    assert!(answer.is_complete());
}

#[tokio::test]
async fn line_61_added_to_what_is_there() {
    let mut browser = session_only();
    browser.get("/add:a").await;
    browser.get("/add:b").await;
    assert_eq!(browser.get("/take/keep").await.body, "a,b");
    assert_eq!(browser.get("/take/status:302").await.body, "a,b");
    assert_eq!(browser.get("/take/add:c").await.body, "a,b");
    assert_eq!(browser.get("/take").await.body, "c");
}

#[tokio::test]
async fn a_cookie_from_before_moves_to_the_session() {
    let mut with_cookie = browser(layer());
    with_cookie.get("/add:a").await;
    let mut browser = session_only();
    browser.jar = with_cookie.jar;
    assert!(browser.get("/add:b").await.deletes());
    assert_eq!(browser.get("/take").await.body, "a,b");
}

#[tokio::test]
async fn something_else_under_the_key_is_removed() {
    let mut browser = session_only();
    browser.get("/litter").await;
    assert_eq!(browser.get("/take").await.body, "");
    assert!(!has_session_text(&mut browser).await);
    browser.get("/litter").await;
    browser.get("/add:a").await;
    assert_eq!(browser.get("/take").await.body, "a");
}

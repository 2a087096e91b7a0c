//! Cookie first, then session.

use super::{browser, fallback, has_session_text, layer_without_sessions};

#[tokio::test]
async fn line_63_messages_in_the_session_are_shown_without_a_cookie() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    browser.jar.remove("messages");
    let answer = browser.get("/take").await;
    assert_eq!(answer.body.split(',').count(), 46);
    assert!(!has_session_text(&mut browser).await);
}

#[tokio::test]
async fn line_63_and_are_not_written_over() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    browser.jar.remove("messages");
    browser.get("/many:30").await;
    assert_eq!(browser.get("/take").await.body.split(',').count(), 76);
}

#[tokio::test]
async fn line_64_cookie_messages_then_session_messages() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    let answer = browser.get("/take").await;
    let order: Vec<_> =
        answer.body.split(',').map(|text| text.split('-').next().unwrap()).collect();
    assert_eq!(order, (0..60).map(|at| at.to_string()).collect::<Vec<_>>());
    assert!(answer.is_complete());
}

#[tokio::test]
async fn line_65_a_prefix_to_the_cookie_the_rest_to_the_session() {
    let mut browser = fallback();
    let answer = browser.get("/many:60").await;
    assert_eq!(answer.flash.len(), 14);
    assert!(answer.left()[0].starts_with("0-"), "line 46: the oldest are in the cookie");
    assert!(has_session_text(&mut browser).await);
}

#[tokio::test]
async fn line_65_a_huge_message_keeps_the_order() {
    let mut browser = fallback();
    assert_eq!(browser.get("/add:a/long:9000/add:b").await.left(), ["a"]);
    let body = browser.get("/take").await.body;
    assert!(body.starts_with("a,xxx") && body.ends_with("x,b"));
}

#[tokio::test]
async fn line_66_the_session_copy_goes_when_all_fits_the_cookie_again() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    assert_eq!(browser.get("/take/add:a").await.left(), ["a"]);
    assert!(!has_session_text(&mut browser).await);
    assert_eq!(browser.get("/take").await.body, "a");
}

#[tokio::test]
async fn line_67_read_with_nothing_new_clears_both() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    let answer = browser.get("/take").await;
    assert!(answer.deletes());
    assert!(!has_session_text(&mut browser).await);
    browser.get("/many:60").await;
    assert!(browser.get("/clear").await.deletes());
    assert!(!has_session_text(&mut browser).await);
}

#[tokio::test]
async fn line_67_clearing_finds_the_session_without_a_cookie() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    browser.jar.remove("messages");
    browser.get("/clear").await;
    assert!(!has_session_text(&mut browser).await);
}

#[tokio::test]
async fn line_68_a_tampered_or_empty_cookie_is_deleted() {
    let mut browser = fallback();
    browser.jar.insert("messages".to_owned(), "forged".to_owned());
    assert!(browser.get("/take").await.deletes());
    // One that holds nothing but the word that there is more.
    assert!(browser.get("/long:9000").await.flash.is_empty());
    let answer = browser.get("/take").await;
    assert!(answer.deletes() && answer.is_complete() && answer.body.len() == 9000);
}

#[tokio::test]
async fn added_to_an_overflow_that_nobody_read() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    browser.get("/add:a").await;
    let answer = browser.get("/take").await;
    assert_eq!(answer.body.split(',').count(), 61);
    assert!(answer.body.ends_with(",a") && answer.is_complete());
}

#[tokio::test]
async fn a_session_that_was_lost_makes_the_page_incomplete() {
    let mut browser = fallback();
    browser.get("/many:60").await;
    browser.jar.retain(|name, _| name == "messages");
    let answer = browser.get("/take").await;
    assert_eq!(answer.body.split(',').count(), 14);
    assert!(!answer.is_complete());
}

#[tokio::test]
async fn a_session_layer_that_is_missing_costs_only_what_the_cookie_cannot_hold() {
    let mut browser = browser(layer_without_sessions());
    assert!(browser.get("/many:60").await.left()[13].starts_with("59-"));
    assert!(!browser.get("/take").await.is_complete());
}

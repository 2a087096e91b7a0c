//! Sessions that cannot be read or written, and those that are not even asked.

use super::sessions::Broken;
use super::{browser, layer};

#[tokio::test]
async fn line_62_the_session_is_not_touched_while_the_cookie_does() {
    let sessions = Broken { loads: false, saves: false };
    let mut browser = browser(layer().with_session(sessions));
    // Neither read nor written: no failure is seen.
    browser.get("/add:a").await;
    assert_eq!(browser.get("/add:b").await.left(), ["a", "b"]);
}

#[tokio::test]
async fn a_session_that_fails_costs_only_what_the_cookie_cannot_hold() {
    for (loads, saves) in [(false, true), (true, false), (false, false)] {
        let sessions = Broken { loads, saves };
        let mut browser = browser(layer().with_session(sessions));
        let answer = browser.get("/many:60").await;
        assert_eq!(answer.flash.len(), 14, "{sessions:?}");
        assert!(answer.left()[13].starts_with("59-"), "the newest");
        assert!(!browser.get("/take").await.is_complete());
    }
}

#[tokio::test]
async fn a_session_that_fails_leaves_the_cookie() {
    for (loads, saves) in [(false, true), (true, false), (false, false)] {
        let sessions = Broken { loads, saves };
        let mut browser = browser(layer().with_session_only(sessions));
        let answer = browser.get("/add:a").await;
        assert_eq!(answer.left(), ["a"], "{sessions:?}");
        let answer = browser.get("/take").await;
        assert_eq!((answer.body.as_str(), answer.is_complete()), ("a", loads), "{sessions:?}");
    }
}

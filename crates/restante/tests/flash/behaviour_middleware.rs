//! Layer and pages.
//!
//! Line 76, templates, is in `templates.rs`.

use restante::testing::{assert_messages, flash_of};
use restante::{Level, Messages};

use super::{browser, layer, page};

#[tokio::test]
async fn line_70_messages_are_kept_whatever_the_status() {
    for status in [200, 204, 302, 303, 304, 404, 418, 500, 503] {
        let mut browser = browser(layer());
        let answer = browser.get(&format!("/add:a/status:{status}")).await;
        assert_eq!(answer.left(), ["a"], "{status}");
    }
}

#[tokio::test]
async fn line_72_what_no_storage_could_take_is_logged_and_the_next_page_told() {
    let log = crate::log::Log::default();
    let _guard = log.start();
    let mut browser = browser(layer());
    browser.get("/many:60").await;
    assert!(log.text().contains("messages were lost"), "{}", log.text());
    assert!(log.text().contains("dropped=46"), "{}", log.text());
    assert!(!browser.get("/take").await.is_complete());
}

#[tokio::test]
async fn line_72_what_is_said_after_the_head_has_gone_is_logged() {
    let log = crate::log::Log::default();
    let _guard = log.start();
    let mut browser = browser(layer());
    let answer = browser.get("/add:a/stream").await;
    assert_eq!(answer.body, "a");
    assert!(log.text().contains("said after the response had left"), "{}", log.text());
}

#[tokio::test]
async fn line_77_text_is_escaped_by_the_template_that_shows_it() {
    #[derive(askama::Template)]
    #[template(ext = "html", source = "{% for m in messages %}{{ m }}{% endfor %}")]
    struct Page {
        messages: restante::Taken,
    }
    let mut escaping = page(layer(), async |messages: Messages| {
        messages.info("<b>").info("&");
        askama::Template::render(&Page { messages: messages.take().await }).unwrap()
    });
    let answer = escaping.get("/").await;
    assert_eq!(answer.body, "&#60;b&#62;&#38;");
}

#[tokio::test]
async fn line_79_asserting_the_messages_of_a_response() {
    let response = browser(layer()).begin("GET", "/add:a/error:b").await.response;
    assert_messages(&response, &[(Level::INFO, "a"), (Level::ERROR, "b")]);
    // Without the order.
    let mut found = flash_of(&response);
    found.sort();
    assert_eq!(found, [(Level::INFO, "a".to_owned()), (Level::ERROR, "b".to_owned())]);
    let other_order = [(Level::ERROR, "b"), (Level::INFO, "a")];
    let checked = std::panic::AssertUnwindSafe(|| assert_messages(&response, &other_order));
    let checked = std::panic::catch_unwind(checked);
    assert!(checked.is_err());
}

// Line 80, that the flag of safe text survives cookie and session, has its test beside the codec:
// nothing in this crate's interface sets it.

//! Adding messages.

use axum::http::StatusCode;
use restante::{Level, Messages};

use super::{ADD_LAYER, browser, browser_of_none, layer, optional, page};

#[tokio::test]
async fn line_08_without_the_layer_an_error_that_says_so() {
    let answer = browser_of_none().get("/add:a").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains(ADD_LAYER), "{}", answer.body);
}

#[tokio::test]
async fn line_08_fail_silently_is_an_option() {
    assert_eq!(optional(None).get("/").await.body, "none");
    assert_eq!(optional(Some(layer())).get("/").await.body, "some");
}

#[tokio::test]
async fn line_11_an_empty_text_is_dropped_and_a_space_kept() {
    let mut browser = browser(layer());
    // Read, then only a dropped one: the cookie goes, as if nothing had been added.
    browser.get("/add:a").await;
    let answer = browser.get("/take/add:").await;
    assert!(answer.deletes());

    let mut space = page(layer(), async |messages: Messages| {
        messages.info(" ").info("");
        String::new()
    });
    let answer = space.get("/").await;
    assert_eq!(answer.flash, [(Level::INFO, " ".to_owned())]);
}

#[tokio::test]
async fn line_13_below_the_minimum_is_dropped_and_equal_kept() {
    let layer = layer().with_min_level(Level::WARNING);
    let mut browser = browser(layer);
    assert_eq!(browser.get("/level:29:a").await.set_cookie(), None);
    assert_eq!(browser.get("/level:30:b/level:29:c/level:31:d").await.left(), ["b", "d"]);
}

#[tokio::test]
async fn line_14_the_level_is_looked_at_when_adding_only() {
    let mut browser = browser(layer());
    browser.get("/min:10/debug:a").await;
    assert_eq!(browser.get("/take").await.body, "a", "the next request's minimum is INFO");
    assert_eq!(browser.get("/add:b/min:40/peek").await.body, "b");
}

#[tokio::test]
async fn line_15_the_minimum_is_info() {
    assert_eq!(browser(layer()).get("/level:19:a/level:20:b").await.left(), ["b"]);
}

#[tokio::test]
async fn line_16_the_minimum_of_one_request() {
    let mut browser = browser(layer());
    assert_eq!(browser.get("/min:0/debug:a/min:/debug:b").await.left(), ["a"]);
    // Resetting it on a fresh request.
    assert_eq!(browser.get("/min:/debug:c/add:d").await.left(), ["a", "d"]);

    let asked = async |messages: Messages| {
        let before = messages.min_level();
        messages.set_min_level(Level::ERROR);
        assert_eq!(messages.min_level(), Level::ERROR);
        messages.set_min_level(None);
        assert_eq!(messages.min_level(), before);
        before.to_string()
    };
    let mut browser = page(layer().with_min_level(Level::SUCCESS), asked);
    assert_eq!(browser.get("/").await.body, "success");
}

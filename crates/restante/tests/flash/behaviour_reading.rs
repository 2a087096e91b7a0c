//! Reading messages.
//!
//! Django's iterator consumes; here `take` does and `peek` does not.

use restante::Messages;

use super::{browser, layer, page};
use crate::script::texts;

#[tokio::test]
async fn line_22_old_then_new_and_used() {
    let mut browser = browser(layer());
    browser.get("/add:old").await;
    let answer = browser.get("/add:new/take").await;
    assert_eq!(answer.body, "old,new");
    assert!(answer.deletes());
    assert_eq!(browser.get("/take").await.body, "");
}

#[tokio::test]
async fn line_23_taking_without_looking_is_taking() {
    let mut browser = page(layer(), async |messages: Messages| {
        drop(messages.take().await);
        String::new()
    });
    browser.jar = {
        let mut b = super::browser(layer());
        b.get("/add:a").await;
        b.jar
    };
    assert!(browser.get("/").await.deletes());
}

#[tokio::test]
async fn line_24_breaking_out_early_consumes_all() {
    let handler = async |messages: Messages| {
        messages.info("a").info("b");
        messages.take().await.iter().next().map(ToString::to_string).unwrap_or_default()
    };
    let answer = page(layer(), handler).get("/").await;
    assert_eq!(answer.body, "a");
    assert_eq!(answer.set_cookie(), None);
}

#[tokio::test]
async fn line_25_a_second_look_gives_the_same() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    let answer = browser.get("/add:b/take/take").await;
    assert_eq!(answer.body, "a,b");
    assert!(answer.deletes());
}

#[tokio::test]
async fn line_26_an_add_during_iteration_is_for_the_next_response() {
    let handler = async |messages: Messages| {
        messages.info("a");
        let taken = messages.take().await;
        for message in &taken {
            messages.info(format!("about {message}"));
        }
        texts(&taken)
    };
    let answer = page(layer(), handler).get("/").await;
    assert_eq!(answer.body, "a");
    assert_eq!(answer.left(), ["about a"]);
}

#[tokio::test]
async fn line_27_length_emptiness_and_contains_do_not_use() {
    let handler = async |messages: Messages| {
        messages.info("new");
        let seen = messages.peek().await;
        let has_old = seen.iter().any(|shown| shown.message == "old");
        format!("{} {} {has_old}", seen.len(), seen.is_empty())
    };
    let mut browser = browser(layer());
    browser.get("/add:old").await;
    let mut other = page(layer(), handler);
    other.jar = browser.jar;
    let answer = other.get("/").await;
    assert_eq!(answer.body, "2 false true");
    assert_eq!(answer.left(), ["old", "new"]);
}

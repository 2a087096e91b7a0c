//! Clients that leave, and looks that are given up. Time is paused: nothing here waits.

use std::time::Duration;

use restante::{MemoryStore, Message, Messages, Restante};
use tokio::time::{sleep, timeout};

use super::{Browser, browser, layer, layer_with, page};
use crate::stores::{Slow, unread};

const SOON: Duration = Duration::from_millis(10);
const LATER: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn rule_05_a_stored_message_is_stored_although_the_client_leaves() {
    let restante = Restante::new(Slow::default());
    let browser = browser(layer_with(&restante)).with("x-user", "alice");
    assert!(timeout(SOON, browser.begin("GET", "/stored:paid/stored:sent")).await.is_err());
    sleep(LATER).await;
    assert_eq!(unread(&restante, "alice").await, 2);
}

#[tokio::test(start_paused = true)]
async fn rule_05_so_is_what_the_cookie_could_not_hold() {
    let restante = Restante::new(Slow::default());
    let browser = browser(layer_with(&restante)).with("x-user", "alice");
    assert!(timeout(SOON, browser.begin("GET", "/many:16")).await.is_err());
    sleep(LATER).await;
    assert_eq!(unread(&restante, "alice").await, 2);
}

#[tokio::test(start_paused = true)]
async fn rule_02_a_client_that_left_has_seen_nothing() {
    let store = Slow::default();
    let restante = Restante::new(store);
    restante.send(Message::info("waits"), "alice").await.unwrap();
    let browser = browser(layer_with(&restante)).with("x-user", "alice");
    // While the handler works, while the message is stored, and while the other is marked.
    let slow = page(layer_with(&restante), async |messages: Messages| {
        messages.take().await;
        sleep(LATER).await;
        String::new()
    })
    .with("x-user", "alice");
    assert!(timeout(SOON, slow.begin("GET", "/")).await.is_err());
    assert!(timeout(SOON, browser.begin("GET", "/take/stored:b")).await.is_err());
    assert!(timeout(SOON, browser.begin("GET", "/take")).await.is_err());
    sleep(LATER).await;
    assert_eq!(unread(&restante, "alice").await, 2);
}

#[tokio::test(start_paused = true)]
async fn rule_03_a_take_that_is_given_up_takes_nothing() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("kept"), "alice").await.unwrap();
    let layer = layer().with_restante(restante.clone()).with_user_async(|_| async {
        sleep(Duration::from_millis(20)).await;
        Some("alice")
    });
    let taking = |takes_again: bool| -> Browser {
        page(layer.clone(), move |messages: Messages| async move {
            messages.info("flash");
            let given_up = timeout(Duration::from_millis(5), messages.take()).await;
            assert!(given_up.is_err());
            if takes_again { messages.take().await.len() } else { 0 }.to_string()
        })
    };
    let mut once = taking(false);
    let answer = once.get("/").await;
    assert_eq!((answer.body.as_str(), answer.left()), ("0", vec!["flash"]));
    assert_eq!(unread(&restante, "alice").await, 1);
    let mut twice = taking(true);
    twice.jar = once.jar;
    let answer = twice.get("/").await;
    assert_eq!(answer.body, "3", "the look-up is taken up where it was left");
    assert!(answer.deletes());
    assert_eq!(unread(&restante, "alice").await, 0);
}

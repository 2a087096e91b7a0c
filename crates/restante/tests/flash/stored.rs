//! Messages that are kept until read.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use restante::{Filter, Level, MemoryStore, Message, Restante, SqliteStore, To};

use super::{Browser, browser, layer, layer_with, page};
use crate::stores::{Switched, unread};

fn alice(restante: &Restante) -> Browser {
    browser(layer_with(restante)).with("x-user", "alice")
}

async fn archived(restante: &Restante, user: &str) -> Vec<(String, bool)> {
    let items = restante.inbox(user).unwrap().list(Filter::archive()).await.unwrap().items;
    items.iter().map(|item| (item.message.text().to_owned(), item.unread)).collect()
}

#[tokio::test]
async fn stored_for_who_is_signed_in_and_shown_once() {
    let restante = Restante::new(MemoryStore::new());
    let mut alice = alice(&restante);
    let answer = alice.get("/stored:kept/status:303").await;
    assert_eq!(answer.set_cookie(), None);
    assert_eq!(unread(&restante, "alice").await, 1);
    assert_eq!(alice.get("/peek").await.body, "kept");
    assert_eq!(alice.get("/take/keep").await.body, "kept");
    for unseen in ["/take/status:302", "/take/status:500"] {
        assert_eq!(alice.get(unseen).await.body, "kept");
    }
    let answer = alice.get("/add:flash/take").await;
    assert_eq!(answer.body, "flash,kept", "flash messages first");
    assert_eq!(answer.set_cookie(), None);
    assert_eq!(unread(&restante, "alice").await, 0);
    assert_eq!(archived(&restante, "alice").await, [("kept".to_owned(), false)]);
}

#[tokio::test]
async fn it_works_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("restante.db")).await.unwrap();
    let restante = Restante::new(store);
    let mut alice = alice(&restante);
    alice.get("/stored:a/stored:b").await;
    assert_eq!(alice.get("/stored:c/take").await.body, "c,a,b");
    assert_eq!(unread(&restante, "alice").await, 0);
}

#[tokio::test]
async fn nobody_signed_in_gets_a_flash() {
    let restante = Restante::new(MemoryStore::new());
    let answer = browser(layer_with(&restante)).get("/stored:a/level:21:b").await;
    assert_eq!(answer.flash, [(Level::INFO, "a".into()), (Level::STORED_INFO, "b".into())]);
    // So does a layer without a store.
    assert_eq!(browser(layer()).get("/stored:a").await.left(), ["a"]);
}

#[tokio::test]
async fn an_id_that_breaks_a_rule_is_nobody() {
    let restante = Restante::new(MemoryStore::new());
    let mut browser = browser(layer_with(&restante)).with("x-user", "*");
    assert_eq!(browser.get("/stored:a").await.left(), ["a"]);
    let answer = browser.get("/take").await;
    assert_eq!((answer.body.as_str(), answer.is_complete()), ("a", false));
}

#[tokio::test]
async fn store_levels_decide_what_is_stored() {
    let restante = Restante::new(MemoryStore::new());
    alice(&restante).get("/level:21:twin/level:20:plain").await;
    assert_eq!(archived(&restante, "alice").await, [("twin".to_owned(), true)]);

    let layer = layer_with(&restante).with_store_levels([Level::ERROR]);
    let mut bob = browser(layer).with("x-user", "bob");
    assert_eq!(bob.get("/error:kept/level:21:twin/stored:flagged").await.left(), ["twin"]);
    assert_eq!(unread(&restante, "bob").await, 2);
}

#[tokio::test]
async fn below_the_minimum_nothing_is_stored() {
    let restante = Restante::new(MemoryStore::new());
    alice(&restante).get("/min:30/stored:a").await;
    assert_eq!(unread(&restante, "alice").await, 0);
}

#[tokio::test]
async fn what_waits_is_shown_whatever_its_level() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::debug("low"), "alice").await.unwrap();
    assert_eq!(alice(&restante).get("/min:40/take").await.body, "low");
}

#[tokio::test]
async fn a_broadcast_is_shown_once_to_each() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("all"), To::everyone()).await.unwrap();
    let mut bob = browser(layer_with(&restante)).with("x-user", "bob");
    for browser in [&mut alice(&restante), &mut bob] {
        assert_eq!(browser.get("/take").await.body, "all");
        assert_eq!(browser.get("/take").await.body, "");
    }
}

#[tokio::test]
async fn with_the_store_down_the_page_still_works() {
    let store = Switched::default();
    let is_down = Arc::clone(&store.is_down);
    let restante = Restante::new(store);
    restante.send(Message::info("waits"), "alice").await.unwrap();
    let mut alice = alice(&restante);

    is_down.store(true, Ordering::Relaxed);
    let answer = alice.get("/add:flash/stored:kept/peek").await;
    assert_eq!((answer.body.as_str(), answer.is_complete()), ("flash,kept", false));
    assert_eq!(answer.left(), ["flash", "kept"], "what should have been stored is a flash");
    let answer = alice.get("/take").await;
    assert_eq!((answer.body.as_str(), answer.is_complete()), ("flash,kept", false));

    is_down.store(false, Ordering::Relaxed);
    assert_eq!(alice.get("/take").await.body, "waits");
}

#[tokio::test]
async fn with_the_store_down_only_for_marking_it_is_shown_again() {
    let store = Switched::default();
    let is_down = Arc::clone(&store.is_down);
    let restante = Restante::new(store);
    restante.send(Message::info("waits"), "alice").await.unwrap();
    let mut page = page(layer_with(&restante), move |messages: restante::Messages| {
        let is_down = Arc::clone(&is_down);
        async move {
            let body = crate::script::texts(&messages.take().await);
            is_down.store(true, Ordering::Relaxed);
            body
        }
    })
    .with("x-user", "alice");
    assert_eq!(page.get("/").await.body, "waits");
    assert_eq!(unread(&restante, "alice").await, 1);
}

#[tokio::test]
async fn overflow_of_who_is_signed_in_goes_to_the_inbox() {
    let restante = Restante::new(MemoryStore::new());
    let mut alice = alice(&restante);
    let answer = alice.get("/many:25").await;
    assert_eq!(answer.flash.len(), 14);
    assert_eq!(unread(&restante, "alice").await, 11);
    let answer = alice.get("/take").await;
    assert_eq!(answer.body.split(',').count(), 25);
    assert!(answer.is_complete(), "nothing was lost");
    let last = answer.body.split(',').next_back().unwrap();
    assert!(last.starts_with("10-"), "the newest in the cookie, then the older ones in order");
}

#[tokio::test]
async fn overflow_of_a_huge_message_is_stored_and_sets_no_empty_cookie() {
    let restante = Restante::new(MemoryStore::new());
    let mut alice = alice(&restante);
    assert_eq!(alice.get("/long:9000").await.set_cookie(), None);
    assert_eq!(alice.get("/take").await.body.len(), 9000);
    // Past the store's own limit it has nowhere to go.
    alice.get("/add:a/long:17000").await;
    let answer = alice.get("/take").await;
    assert_eq!((answer.body.as_str(), answer.is_complete()), ("a", false));
}

#[tokio::test]
async fn overflow_of_nobody_drops_the_oldest() {
    let restante = Restante::new(MemoryStore::new());
    let mut browser = browser(layer_with(&restante));
    assert!(browser.get("/many:25").await.left()[0].starts_with("11-"));
    assert!(!browser.get("/take").await.is_complete());
}

#[tokio::test]
async fn signing_in_gives_the_inbox_of_who_signed_in() {
    let restante = Restante::new(MemoryStore::new());
    let mut browser = browser(layer_with(&restante));
    let answer = browser.get("/stored:welcome/user:alice/status:303").await;
    assert_eq!(answer.set_cookie(), None);
    assert_eq!(unread(&restante, "alice").await, 1);
    // The page that signs in may show what waits.
    assert_eq!(browser.get("/user:alice/take").await.body, "welcome");
    assert_eq!(unread(&restante, "alice").await, 0);
}

#[tokio::test]
async fn signing_out_leaves_a_flash() {
    let restante = Restante::new(MemoryStore::new());
    let mut alice = alice(&restante);
    assert_eq!(alice.get("/user:/stored:bye/status:303").await.left(), ["bye"]);
    assert_eq!(unread(&restante, "alice").await, 0);
}

#[tokio::test]
async fn what_one_user_was_shown_is_not_marked_for_the_next() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("all"), To::everyone()).await.unwrap();
    alice(&restante).get("/take/user:bob").await;
    assert_eq!((unread(&restante, "alice").await, unread(&restante, "bob").await), (0, 1));
    // Seen by both in one request, it is read by both.
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("all"), To::everyone()).await.unwrap();
    alice(&restante).get("/take/user:bob/take").await;
    assert_eq!((unread(&restante, "alice").await, unread(&restante, "bob").await), (0, 0));
}

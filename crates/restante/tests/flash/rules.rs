//! The rules of the public interface, one or more tests for each.
//!
//! Those about other middleware and other session layers are each framework's own, in `own_rules.rs`.
//! Rule 2 is in `rules_shown.rs`. Rule 5, the client that leaves, is in `cancel.rs`. Rule 10, the
//! range of rusqlite, is a step of `scripts/test`. Of rule 13, about inbox routes, here is what the
//! extractor has to do with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use restante::{ItemId, Key, Level, MemoryStore, Message, MessageId, Messages, Restante};

use super::{
    ADD_LAYER, Browser, Layer, browser, browser_of_two, inboxes, layer, layer_of, layer_with, page,
    user_of,
};
use crate::log::Log;
use crate::stores::{Switched, unread};

#[tokio::test]
async fn rule_03_at_most_20_stored_ones_oldest_first_after_the_flash() {
    let restante = Restante::new(MemoryStore::new());
    for at in 0..145 {
        restante.send(Message::info(format!("m{at}")), "alice").await.unwrap();
    }
    let mut browser = browser(layer_with(&restante)).with("x-user", "alice");
    let mut expected = (0..145).map(|at| format!("m{at}"));
    for page in 0..8 {
        let answer = browser.get("/add:flash/take").await;
        let mut texts = answer.body.split(',');
        assert_eq!(texts.next(), Some("flash"));
        let stored: Vec<_> = texts.collect();
        assert_eq!(stored, expected.by_ref().take(20).collect::<Vec<_>>());
        let left = 145_u64.saturating_sub(20 * (page + 1));
        assert_eq!(answer.headers["x-unread"], left.to_string());
        assert_eq!(unread(&restante, "alice").await, left, "only those handed out are read");
        assert!(answer.is_complete());
    }
}

/// Counts how often it is asked who is there.
fn counting(restante: &Restante) -> (Layer, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let layer = layer().with_restante(restante.clone()).with_user_async(move |request| {
        let user = user_of(request);
        let counted = Arc::clone(&counted);
        async move {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            user
        }
    });
    (layer, count)
}

#[tokio::test]
async fn rule_04_the_user_is_asked_for_only_when_something_needs_it() {
    let (layer, count) = counting(&Restante::new(MemoryStore::new()));
    let mut alice = browser(layer).with("x-user", "alice");
    for flash_alone in ["/", "/add:a", "/add:a/add:b", "/clear"] {
        alice.get(flash_alone).await;
        assert_eq!(count.load(Ordering::Relaxed), 0, "{flash_alone}");
    }
    alice.get("/take/stored:a/take/peek").await;
    assert_eq!(count.load(Ordering::Relaxed), 1, "and then once");
}

#[tokio::test]
async fn rule_04_without_a_store_nobody_is_asked_for() {
    let layer = layer().with_user(|_| -> Option<i64> { unreachable!() });
    assert_eq!(browser(layer).get("/add:a/stored:b/take").await.body, "a,b");
}

#[tokio::test]
async fn rule_04_a_look_up_that_fails_is_nobody() {
    let restante = Restante::new(MemoryStore::new());
    let log = Log::default();
    let _guard = log.start();
    let layer = layer()
        .with_restante(restante)
        .with_user_async(|_| async { Err::<Option<String>, _>("the session's table is locked") });
    assert_eq!(browser(layer).get("/stored:a").await.left(), ["a"]);
    assert!(log.text().contains("the session's table is locked"), "{}", log.text());
}

#[tokio::test]
async fn rule_07_applied_twice_it_acts_once() {
    let other = || layer_of(Key::new([9; 32]).unwrap()).with_min_level(Level::ERROR);
    let mut twice = browser_of_two(other(), layer());
    let answer = twice.get("/add:a").await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    let answer = twice.get("/add:b").await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    assert_eq!(answer.left(), ["a", "b"], "the outer one's key and level");
}

#[tokio::test]
async fn rule_07_an_idle_request_asks_for_nothing() {
    let restante = Restante::new(Switched { is_down: Arc::new(true.into()), ..Default::default() });
    let log = Log::default();
    let _guard = log.start();
    let layer = layer().with_restante(restante);
    let layer = layer.with_user_async(|_| async { unreachable!() as Option<i64> });
    let mut browser = browser(layer);
    browser.jar.insert("messages".to_owned(), "forged".to_owned());
    let answer = browser.get("/").await;
    assert_eq!(answer.set_cookie(), None, "the cookie was not even read");
    assert_eq!(log.text(), "");
}

#[tokio::test]
async fn rule_08_the_text_is_kept_though_the_rest_is_bad() {
    let log = Log::default();
    let _guard = log.start();
    let mut page = page(layer(), async |messages: Messages| {
        let large = serde_json::Value::String("x".repeat(9_000));
        messages.add(Message::info("a").url("javascript:alert(1)").data(large).tag("a b").tag("c"));
        messages.add(Message::info("b").url("//elsewhere.example"));
        messages.add(Message::info("c").url("/fine").data(1).tag("fine"));
        let taken = messages.take().await;
        let parts = taken.iter().map(|shown| {
            let data = shown.data.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{shown} {} {} {data}", shown.url.as_deref().unwrap_or("-"), shown.extra_tags)
        });
        parts.collect::<Vec<_>>().join("; ")
    });
    let answer = page.get("/").await;
    assert_eq!(answer.body, "a -  ; b -  ; c /fine fine 1");
    assert_eq!(log.count("url was left out"), 2, "{}", log.text());
    assert_eq!(log.count("data was left out"), 1, "{}", log.text());
    assert_eq!(log.count("tags were left out"), 1, "{}", log.text());
}

#[tokio::test]
async fn rule_09_stored_and_taken_in_one_request_is_archived_as_read() {
    let restante = Restante::new(MemoryStore::new());
    let mut browser = browser(layer_with(&restante)).with("x-user", "alice");
    let answer = browser.get("/stored:a/take/stored:b").await;
    assert_eq!((answer.body.as_str(), answer.set_cookie()), ("a", None));
    let inbox = restante.inbox("alice").unwrap();
    let archive = inbox.list(restante::Filter::archive()).await.unwrap();
    let items: Vec<_> =
        archive.items.iter().map(|item| (item.message.text(), item.unread)).collect();
    assert_eq!(items, [("b", true), ("a", false)]);
}

#[tokio::test]
async fn rule_11_header_json_for_htmx_is_ascii() {
    let mut page = page(layer(), async |messages: Messages| {
        messages.info("Grüße");
        let taken = messages.take().await;
        let context = minijinja::context! { messages => minijinja::value::Serde(&taken) };
        let env = minijinja::Environment::new();
        env.render_str("{{ messages[0].message }} {{ messages[0].tags }}", context).unwrap()
    });
    let answer = page.get("/").await;
    assert_eq!(answer.body, "Grüße info");
    // The header itself is the example `htmx`.
}

#[tokio::test]
async fn rule_13_the_inbox_extractor_is_the_users_own() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("a"), "alice").await.unwrap();
    let mut alice = inboxes(Some(layer_with(&restante))).with("x-user", "alice");
    assert_eq!(alice.get("/mine").await.body, "1");
    assert_eq!(alice.get("/maybe").await.body, "true");
    let mut nobody = inboxes(Some(layer_with(&restante)));
    assert_eq!(nobody.get("/mine").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.get("/maybe").await.body, "false");
    let answer = inboxes(Some(layer())).get("/mine").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains("with_restante"));
    let answer = inboxes(None).get("/mine").await;
    assert!(answer.body.contains(ADD_LAYER));
}

#[tokio::test]
async fn rule_14_a_senders_id_is_not_a_users() {
    let restante = Restante::new(MemoryStore::new());
    let sent = restante.send(Message::info("a"), "alice").await.unwrap();
    let page = page(layer_with(&restante), async |messages: Messages| {
        let id: Option<ItemId> = messages.take().await[0].id;
        id.unwrap().to_string()
    });
    let id: MessageId = sent.id;
    let body = page.with("x-user", "alice").get("/").await.body;
    assert!(id.to_string().starts_with("m_") && body.parse::<ItemId>().is_ok(), "{id} {body}");
}

#[tokio::test]
async fn rule_15_what_a_request_stores_is_followed() {
    let restante = Restante::new(MemoryStore::new());
    browser(layer_with(&restante)).with("x-user", "alice").get("/stored:a").await;
    let mut mailer = restante.follow("mailer").from_oldest();
    assert_eq!(mailer.next().await.unwrap().message.text(), "a");
}

/// Rule 6, for sessions in one place: only what cannot be kept is lost, and that is logged once.
pub(crate) async fn overflows(name: &str, mut browser: Browser, keeps_all: bool) {
    let log = Log::default();
    let _guard = log.start();
    let answer = browser.get("/many:60").await;
    assert_eq!(answer.flash.len(), 14, "{name}");
    let answer = browser.get("/take").await;
    assert_eq!(answer.is_complete(), keeps_all, "{name}");
    let mut texts = answer.body.split(',');
    let (first, count) = (texts.next().unwrap(), 1 + texts.count());
    if keeps_all {
        assert!(first.starts_with("0-") && count == 60, "{name}");
    } else {
        assert!(first.starts_with("46-") && count == 14, "{name}: the newest");
    }
    let complaints = log.count("no session was found");
    assert_eq!(complaints, usize::from(!keeps_all), "{name}: once\n{}", log.text());
}

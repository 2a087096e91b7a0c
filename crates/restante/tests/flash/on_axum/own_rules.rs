//! The rules of the public interface, as far as they are about other layers of tower.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::routing::get;
use restante::{
    Key, Level, MemoryStore, Message, Messages, MessagesLayer, Restante, TowerSessions,
    TowerSessions014,
};
use tower_http::catch_panic::CatchPanicLayer;

use super::rules::overflows;
use super::sessions::Broken;
use super::{Browser, browser, layer, layer_with, scripted};
use crate::log::Log;
use crate::script::key;
use crate::stores::{Switched, unread};

mod rule_01 {
    // A public module called `axum` or `store`'s like would make these ambiguous.
    use axum::routing::get;
    use restante::*;

    #[tokio::test]
    async fn rule_01_everything_is_at_the_root() {
        let key: Key = Key::generate();
        let page = get(async |messages: Messages| messages.take().await.len().to_string());
        let app = axum::Router::<()>::new().route("/", page).layer(MessagesLayer::new(key));
        assert_eq!(super::super::Browser::new(app).get("/").await.body, "0");
    }
}

#[tokio::test]
async fn rule_03_take_never_fails() {
    let restante = Restante::new(Switched { is_down: Arc::new(true.into()), ..Default::default() });
    let log = Log::default();
    let _guard = log.start();
    let broken = Broken { loads: false, saves: false };
    let mut browser = browser(layer_with(&restante).with_session(broken)).with("x-user", "alice");
    browser.jar.insert("messages".to_owned(), "forged".to_owned());
    let answer = browser.get("/add:a/take").await;
    assert_eq!((answer.body.as_str(), answer.is_complete()), ("a", false));
    assert_eq!(log.count("stored messages could not be read"), 1, "{}", log.text());
    assert!(log.text().contains("the store is down"), "with the cause: {}", log.text());
    assert_eq!(log.count("the session's messages could not be read"), 1, "{}", log.text());
}

#[tokio::test(start_paused = true)]
async fn rule_04_asked_again_after_nobody() {
    let restante = Restante::new(MemoryStore::new());
    let sees = middleware::from_fn(async |messages: Messages, request, next: Next| {
        let _ = messages;
        next.run(request).await
    });
    let peeks = middleware::from_fn(async |messages: Messages, request, next: Next| {
        messages.peek().await;
        next.run(request).await
    });
    let gives_up = middleware::from_fn(async |messages: Messages, request, next: Next| {
        let look = messages.peek();
        let soon = std::time::Duration::ZERO;
        assert!(tokio::time::timeout(soon, look).await.is_err());
        next.run(request).await
    });
    let user = |parts: &axum::http::request::Parts| parts.extensions.get::<String>().cloned();
    let sync = layer().with_restante(restante.clone()).with_user(user);
    let slow = layer().with_restante(restante.clone()).with_user_async(move |parts| {
        let user = user(parts);
        async move {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            user
        }
    });
    let auth = axum::Extension("alice".to_owned());
    let routes = || scripted().layer(auth.clone());
    for (name, app) in [
        ("sees", routes().layer(sees.clone()).layer(sync.clone())),
        ("peeks", routes().layer(peeks.clone()).layer(sync)),
        ("sees, slow", routes().layer(sees).layer(slow.clone())),
        ("peeks, slow", routes().layer(peeks).layer(slow.clone())),
        ("gives up", routes().layer(gives_up).layer(slow)),
    ] {
        restante.send(Message::info("kept"), "alice").await.unwrap();
        assert_eq!(Browser::new(app).get("/take").await.body, "kept", "{name}");
        assert_eq!(unread(&restante, "alice").await, 0, "{name}");
    }
}

#[tokio::test]
async fn rule_06_sessions_inside_or_of_another_major_lose_only_what_cannot_be_kept() {
    let sessions_15 =
        tower_sessions::SessionManagerLayer::new(tower_sessions::MemoryStore::default())
            .with_secure(false);
    let sessions_14 =
        tower_sessions_014::SessionManagerLayer::new(tower_sessions_014::MemoryStore::default())
            .with_secure(false);
    let by_15 = || layer().with_session(TowerSessions);
    let by_14 = || layer().with_session(TowerSessions014);
    for (name, app, keeps_all) in [
        ("outside", scripted().layer(by_15()).layer(sessions_15.clone()), true),
        ("outside, 0.14", scripted().layer(by_14()).layer(sessions_14.clone()), true),
        ("inside", scripted().layer(sessions_15.clone()).layer(by_15()), false),
        ("inside, 0.14", scripted().layer(sessions_14.clone()).layer(by_14()), false),
        ("other major", scripted().layer(by_15()).layer(sessions_14), false),
        ("other major, 0.14", scripted().layer(by_14()).layer(sessions_15), false),
    ] {
        overflows(name, Browser::new(app), keeps_all).await;
    }
}

#[tokio::test]
async fn rule_07_applied_to_a_nested_router_too_it_acts_once() {
    let other = || MessagesLayer::new(Key::new([9; 32]).unwrap()).with_min_level(Level::ERROR);
    let nested =
        Router::new().nest("/inner", scripted().layer(other())).fallback_service(scripted());
    let mut browser = Browser::new(nested.layer(layer()));
    let answer = browser.get("/add:a").await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    let mut twice = Browser::new(scripted().layer(other()).layer(layer()));
    twice.jar = browser.jar;
    let answer = twice.get("/add:b").await;
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    assert_eq!(answer.left(), ["a", "b"], "the outer one's key and level");
}

#[tokio::test]
async fn rule_07_an_idle_request_does_not_ask_for_the_session() {
    let restante = Restante::new(Switched { is_down: Arc::new(true.into()), ..Default::default() });
    let log = Log::default();
    let _guard = log.start();
    let broken = Broken { loads: false, saves: false };
    let layer = layer().with_restante(restante).with_session(broken);
    let layer = layer.with_user_async(|_| async { unreachable!() as Option<i64> });
    let mut browser = browser(layer);
    browser.jar.insert("messages".to_owned(), "forged".to_owned());
    let answer = browser.get("/").await;
    assert_eq!(answer.set_cookie(), None, "the cookie was not even read");
    assert_eq!(log.text(), "");
}

#[test]
fn rule_12_closures_need_no_types() {
    let _ = layer().with_user(|parts| Some(parts.uri.path().to_owned()));
    let _ = layer().with_user(|_| Some(7));
    let _ = layer().with_user(|_| Some("alice"));
    let _ = layer().with_user(|_| Ok::<_, std::fmt::Error>(Some("alice".to_owned())));
    let _ = layer().with_user_async(|parts| {
        let path = parts.uri.path().to_owned();
        async move { Some(path) }
    });
    let joined = std::time::SystemTime::UNIX_EPOCH;
    let _ = layer().with_user(move |_| Some(restante::User::new("alice").joined(joined)));
}

#[tokio::test]
async fn rule_02_not_when_the_handler_panics() {
    // Caught inside of our layer it is a response, caught outside there is none of ours.
    let inside = scripted().layer(CatchPanicLayer::new()).layer(layer());
    let outside = scripted().layer(layer()).layer(CatchPanicLayer::new());
    for (app, keeps_queued) in [(inside, true), (outside, false)] {
        let mut browser = Browser::new(app);
        browser.get("/add:a").await;
        let answer = browser.get("/take/panic").await;
        assert_eq!((answer.status, answer.set_cookie()), (StatusCode::INTERNAL_SERVER_ERROR, None));
        let answer = browser.get("/add:b/panic").await;
        assert_eq!(answer.set_cookie().is_some(), keeps_queued);
        let expected = if keeps_queued { "a,b" } else { "a" };
        assert_eq!(browser.get("/take").await.body, expected);
    }
}

#[tokio::test]
async fn extractors_share_one_list() {
    let page = get(async |one: Messages, two: Messages, three: Option<Messages>| {
        one.info("one");
        two.info("two").warning("still two");
        three.unwrap().clone().error("three");
    });
    let app = Router::new().route("/", page).layer(MessagesLayer::new(key()));
    let answer = Browser::new(app).get("/").await;
    assert_eq!(answer.left(), ["one", "two", "still two", "three"]);
}

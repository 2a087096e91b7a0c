//! The rules of the public interface, as far as they are about other middleware of actix-web.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_session::Session;
use actix_web::body::BoxBody;
use actix_web::dev::{Service as _, ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::COOKIE;
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use restante::{MemoryStore, Message, Messages, Restante};

use super::rules::overflows;
use super::sessions::session_middleware;
use super::{Browser, browser, handle, layer, layer_with, served};
use crate::stores::unread;

mod rule_01 {
    // A public module called `actix_web` or `store`'s like would make these ambiguous.
    use actix_web::{App, web};
    use restante::*;

    #[tokio::test]
    async fn rule_01_everything_is_at_the_root() {
        let key: Key = Key::generate();
        let page = web::to(async |messages: Messages| messages.take().await.len().to_string());
        let app = App::new().wrap(MessagesMiddleware::new(key)).default_service(page);
        let mut browser = super::Browser::new(super::served(app));
        assert_eq!(browser.get("/").await.body, "0");
    }
}

#[tokio::test]
async fn rule_02_what_was_said_is_kept_though_another_middleware_fails() {
    let restante = Restante::new(MemoryStore::new());
    let closes = from_fn(async |messages: Messages, _: ServiceRequest, _: Next<BoxBody>| {
        messages.take().await;
        messages.info("not today").add(Message::info("kept").stored());
        Err::<ServiceResponse, _>(ErrorInternalServerError("closed"))
    });
    let app = App::new().default_service(web::to(handle));
    let app = served(app.wrap(closes).wrap(layer_with(&restante)));
    let mut alice = browser(layer()).with("x-user", "alice");
    alice.get("/add:before").await;
    let mut refused = Browser::new(app).with("x-user", "alice");
    refused.jar = alice.jar;
    let answer = refused.get("/").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (500, "closed"));
    assert_eq!(answer.left(), ["before", "not today"], "nobody saw the one from before");
    assert_eq!(unread(&restante, "alice").await, 1);
}

#[tokio::test]
async fn an_error_that_has_to_do_with_no_message_passes_as_it_is() {
    #[derive(Debug)]
    struct Own;
    impl std::fmt::Display for Own {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("own")
        }
    }
    impl actix_web::ResponseError for Own {}
    let fails = from_fn(async |_: Messages, _: ServiceRequest, _: Next<BoxBody>| {
        Err::<ServiceResponse, _>(Error::from(Own))
    });
    let app = App::new().default_service(web::to(handle)).wrap(fails).wrap(layer());
    let app = init_service(app).await;
    let request = TestRequest::get().insert_header((COOKIE, "messages=unread")).to_request();
    let error = app.call(request).await.map(|_| ()).unwrap_err();
    assert!(error.as_error::<Own>().is_some());
}

#[tokio::test]
async fn rule_02_not_when_the_handler_panics() {
    let mut browser = browser(layer());
    browser.get("/add:a").await;
    for path in ["/take/panic", "/add:b/panic"] {
        assert!(AssertUnwindSafe(browser.begin("GET", path)).catch_unwind().await.is_err());
    }
    assert_eq!(browser.get("/take").await.body, "a");
}

#[tokio::test(start_paused = true)]
async fn rule_04_asked_again_after_nobody() {
    let restante = Restante::new(MemoryStore::new());
    let user = |request: &HttpRequest| request.extensions().get::<String>().cloned();
    let sync = layer().with_restante(restante.clone()).with_user(user);
    let slow = layer().with_restante(restante.clone()).with_user_async(move |request| {
        let user = user(request);
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            user
        }
    });
    for layer in [sync, slow] {
        for looks in ["", "peek", "give up"] {
            let early = from_fn(
                move |messages: Messages, request: ServiceRequest, next: Next<BoxBody>| async move {
                    let look = messages.peek();
                    match looks {
                        "peek" => _ = look.await,
                        "give up" => _ = tokio::time::timeout(Duration::ZERO, look).await,
                        _ => {}
                    }
                    next.call(request).await
                },
            );
            let signs_in = from_fn(async |request: ServiceRequest, next: Next<BoxBody>| {
                request.extensions_mut().insert("alice".to_owned());
                next.call(request).await
            });
            let app = App::new().default_service(web::to(handle));
            let app = app.wrap(signs_in).wrap(early).wrap(layer.clone());
            restante.send(Message::info("kept"), "alice").await.unwrap();
            assert_eq!(Browser::new(served(app)).get("/take").await.body, "kept", "{looks}");
            assert_eq!(unread(&restante, "alice").await, 0, "{looks}");
        }
    }
}

#[tokio::test]
async fn rule_06_sessions_inside_lose_only_what_cannot_be_kept() {
    let app = || App::new().default_service(web::to(handle));
    let messages = || layer().with_session();
    for (name, app, keeps_all) in [
        ("outside", served(app().wrap(messages()).wrap(session_middleware())), true),
        ("inside", served(app().wrap(session_middleware()).wrap(messages())), false),
    ] {
        overflows(name, Browser::new(app), keeps_all).await;
    }
}

#[tokio::test]
async fn a_session_that_is_purged_leaves_the_newest_in_the_cookie() {
    let signs_out = async |session: Session, messages: Messages| {
        session.purge();
        for at in 0..60 {
            messages.info(format!("{at:-<100}"));
        }
        ""
    };
    let app = App::new().route("/out", web::to(signs_out)).default_service(web::to(handle));
    let app = app.wrap(layer().with_session()).wrap(session_middleware());
    let mut browser = Browser::new(served(app));
    let answer = browser.get("/out").await;
    assert_eq!(answer.flash.len(), 14);
    assert!(answer.left()[13].starts_with("59-"));
}

#[test]
fn rule_12_closures_need_no_types() {
    let _ = layer().with_user(|request| Some(request.path().to_owned()));
    let _ = layer().with_user(|_| Some(7));
    let _ = layer().with_user(|_| Some("alice"));
    let _ = layer().with_user(|_| Ok::<_, std::fmt::Error>(Some("alice".to_owned())));
    let _ = layer().with_user_async(|request| {
        let path = request.path().to_owned();
        async move { Some(path) }
    });
    let joined = std::time::SystemTime::UNIX_EPOCH;
    let _ = layer().with_user(move |_| Some(restante::User::new("alice").joined(joined)));
}

#[tokio::test]
async fn extractors_share_one_list() {
    let page = async |one: Messages, two: Messages, three: Option<Messages>| {
        one.info("one");
        two.info("two").warning("still two");
        three.unwrap().clone().error("three");
        ""
    };
    let app = App::new().default_service(web::to(page)).wrap(layer());
    let answer = Browser::new(served(app)).get("/").await;
    assert_eq!(answer.left(), ["one", "two", "still two", "three"]);
}

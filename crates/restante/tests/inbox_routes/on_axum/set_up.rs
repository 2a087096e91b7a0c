use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::Request;
use axum::routing::get;
use restante::{Key, MemoryStore, Message, MessagesLayer, Restante, inbox_routes};
use serde_json::{Value, json};

use super::{Site, ask, layer};
use crate::site::alice;

fn misconfigured(detail: &str) -> Value {
    json!({
        "type": "urn:restante:problem:misconfigured",
        "title": "The app is not set up for these routes",
        "status": 500,
        "detail": detail,
    })
}

fn request(method: &str, path: &str) -> Request<Vec<u8>> {
    alice(method, path).body(Vec::new()).unwrap()
}

#[tokio::test]
async fn a_missing_layer_says_what_to_add() {
    let app: Router = inbox_routes();
    let answer = ask(app, request("GET", "/inbox")).await;
    let add = "this route has no messages: add `.layer(MessagesLayer::new(key))` to its router";
    assert_eq!(answer.problem(), misconfigured(add));
}

#[tokio::test]
async fn a_layer_without_a_store_says_what_to_add() {
    let messages = MessagesLayer::new(Key::generate());
    let app: Router = inbox_routes().layer(messages.with_user(|_| Some("alice")));
    let answer = ask(app, request("POST", "/mark_all_read")).await;
    let add = "this route has no inbox: add `.with_restante(restante)` to its MessagesLayer";
    assert_eq!(answer.problem(), misconfigured(add));
}

#[tokio::test]
async fn a_layer_that_knows_no_user_has_nobody_signed_in() {
    let restante = Restante::new(MemoryStore::new());
    let messages = MessagesLayer::new(Key::generate()).with_restante(restante);
    let app: Router = inbox_routes().layer(messages);
    assert_eq!(ask(app, request("GET", "/inbox")).await.problem()["status"], 401);
}

#[tokio::test]
async fn a_user_that_takes_time_to_find_is_waited_for() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("Ahoy"), "alice").await.unwrap();
    let messages =
        MessagesLayer::new(Key::generate()).with_restante(restante).with_user_async(|parts| {
            let user = parts.headers.get("x-user").map(|user| user.to_str().unwrap().to_owned());
            async move {
                tokio::task::yield_now().await;
                user
            }
        });
    let app: Router = inbox_routes().layer(messages);
    assert_eq!(ask(app, request("GET", "/inbox")).await.texts(), ["Ahoy"]);
}

#[derive(Clone)]
struct App {
    name: Arc<str>,
}

/// The app's own state, its own pages and its own answer to unknown paths.
fn app(routes: impl FnOnce(Router<App>) -> Router<App>) -> Router {
    let own = Router::new()
        .route("/", get(async |State(app): State<App>| app.name.to_string()))
        .fallback(async || "the app's own 404");
    routes(own).with_state(App { name: "shop".into() })
}

#[tokio::test]
async fn the_routes_fit_an_app_with_state_wherever_they_are_nested() {
    let restante = Restante::new(MemoryStore::new());
    for text in ["one", "two"] {
        restante.send(Message::info(text), "alice").await.unwrap();
    }
    let placed: [(&str, Router); 4] = [
        ("", app(|own| own.merge(inbox_routes()))),
        ("/messages", app(|own| own.nest("/messages", inbox_routes()))),
        ("/a/b", app(|own| own.nest("/a", Router::new().nest("/b", inbox_routes())))),
        ("/t/7", app(|own| own.nest("/t/{id}", inbox_routes()))),
    ];
    for (at, app) in placed {
        let app = app.layer(layer(&restante));
        let path = format!("{at}/inbox?limit=1");
        let page = ask(app.clone(), request("GET", &path)).await;
        assert_eq!(page.texts(), ["two"], "{at}");
        let id = page.json()["items"][0]["id"].clone();
        let next = page.json()["next"].as_str().unwrap().to_owned();
        assert_eq!(page.header("link"), format!("<{path}&after={next}>; rel=\"next\""));
        let item = ask(app.clone(), request("GET", &format!("{at}/inbox/{id}"))).await;
        assert_eq!(item.json()["message"], "two", "{at}");
        let own = ask(app.clone(), request("GET", "/")).await;
        assert_eq!(own.body, b"shop");
        assert_eq!(own.header("vary"), "", "the app's own pages are left alone");
        for unknown in ["/nowhere".to_owned(), format!("{at}/inbox/5/nowhere")] {
            let answer = ask(app.clone(), request("GET", &unknown)).await;
            assert_eq!(answer.body, b"the app's own 404", "{unknown}");
        }
    }
}

#[tokio::test]
async fn an_app_may_limit_bodies_further_out() {
    let site = Site::new();
    let app = site.app.clone().layer(axum::extract::DefaultBodyLimit::disable());
    let request = alice("POST", "/messages/inbox/read")
        .header("content-type", "application/json")
        .body(vec![b' '; 100_000]);
    assert_eq!(ask(app, request.unwrap()).await.problem()["status"], 413, "ours holds");
}

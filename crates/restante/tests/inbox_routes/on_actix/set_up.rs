use actix_web::{App, HttpRequest, HttpResponse, web};
use restante::{
    Key, MemoryStore, Message, MessagesMiddleware, Restante, bell_service, inbox_service,
};
use serde_json::{Value, json};

use super::{Served, layer, served};
use crate::site::{Answer, App as _, alice};

fn misconfigured(detail: &str) -> Value {
    json!({
        "type": "urn:restante:problem:misconfigured",
        "title": "The app is not set up for these routes",
        "status": 500,
        "detail": detail,
    })
}

async fn get(app: &Served, path: &str) -> Answer {
    app.ask(alice("GET", path).body(Vec::new()).unwrap()).await
}

#[tokio::test]
async fn a_missing_middleware_says_what_to_add() {
    let app = served(App::new().service(inbox_service("")));
    let add = "this route has no messages: add `.wrap(MessagesMiddleware::new(key))` to its app";
    assert_eq!(get(&app, "/inbox").await.problem(), misconfigured(add));
}

#[tokio::test]
async fn a_middleware_without_a_store_says_what_to_add() {
    let messages = MessagesMiddleware::new(Key::generate()).with_user(|_| Some("alice"));
    let app = served(App::new().wrap(messages).service(inbox_service("")));
    let add = "this route has no inbox: add `.with_restante(restante)` to its MessagesMiddleware";
    assert_eq!(get(&app, "/inbox").await.problem(), misconfigured(add));
}

#[tokio::test]
async fn a_user_that_takes_time_to_find_is_waited_for() {
    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("Ahoy"), "alice").await.unwrap();
    let messages = MessagesMiddleware::new(Key::generate()).with_restante(restante);
    let messages = messages.with_user_async(|request: &HttpRequest| {
        let user = request.headers().get("x-user").map(|user| user.to_str().unwrap().to_owned());
        async move {
            tokio::task::yield_now().await;
            user
        }
    });
    let app = served(App::new().wrap(messages).service(inbox_service("")));
    assert_eq!(get(&app, "/inbox").await.texts(), ["Ahoy"]);
}

#[tokio::test]
async fn a_middleware_that_knows_whose_inbox_it_is_is_enough() {
    use actix_web::HttpMessage;
    use actix_web::dev::Service as _;

    let restante = Restante::new(MemoryStore::new());
    restante.send(Message::info("Ahoy"), "alice").await.unwrap();
    let app = App::new().service(inbox_service("/v1").for_tokens());
    let app = served(app.wrap_fn(move |request, next| {
        request.extensions_mut().insert(restante.inbox("alice").unwrap());
        next.call(request)
    }));
    assert_eq!(get(&app, "/v1/inbox").await.texts(), ["Ahoy"]);
}

/// The app's own page, and its own answer to unknown paths.
async fn own() -> &'static str {
    "shop"
}

async fn unknown() -> HttpResponse {
    HttpResponse::NotFound().body("the app's own 404")
}

#[tokio::test]
async fn the_service_fits_an_app_wherever_it_is() {
    let restante = Restante::new(MemoryStore::new());
    for text in ["one", "two"] {
        restante.send(Message::info(text), "alice").await.unwrap();
    }
    let app = || App::new().wrap(layer(&restante)).default_service(web::to(unknown));
    let nested = web::scope("/a").service(web::scope("/b").service(inbox_service("")));
    let placed = [
        ("", served(app().service(inbox_service("")).route("/", web::get().to(own)))),
        (
            "/messages",
            served(app().service(inbox_service("/messages")).route("/", web::get().to(own))),
        ),
        ("/a/b", served(app().service(nested).route("/", web::get().to(own)))),
        (
            "/t/7",
            served(
                app()
                    .service(web::scope("/t/{id}").service(inbox_service("")))
                    .route("/", web::get().to(own)),
            ),
        ),
    ];
    for (at, app) in placed {
        let path = format!("{at}/inbox?limit=1");
        let page = get(&app, &path).await;
        assert_eq!(page.texts(), ["two"], "{at}");
        let id = page.json()["items"][0]["id"].clone();
        let next = page.json()["next"].as_str().unwrap().to_owned();
        assert_eq!(page.header("link"), format!("<{path}&after={next}>; rel=\"next\""));
        let item = get(&app, &format!("{at}/inbox/{id}")).await;
        assert_eq!(item.json()["message"], "two", "{at}");
        let bell = get(&app, &format!("{at}/bell/restante-bell.js")).await;
        assert_eq!(bell.status, 200, "{at}");
        let own = get(&app, "/").await;
        assert_eq!(own.body, b"shop");
        assert_eq!(own.header("vary"), "", "the app's own pages are left alone");
        for unknown in ["/nowhere".to_owned(), format!("{at}/inbox/5/nowhere")] {
            assert_eq!(get(&app, &unknown).await.body, b"the app's own 404", "{unknown}");
        }
    }
}

#[tokio::test]
async fn the_bell_is_everybodys_and_not_sent_again() {
    let app = served(App::new().service(bell_service("/assets")));
    let first = get(&app, "/assets/bell/restante-bell.js").await;
    assert_eq!(first.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(first.header("access-control-allow-origin"), "*");
    let again = alice("GET", "/assets/bell/restante-bell.js")
        .header("if-none-match", first.header("etag"))
        .body(Vec::new());
    let again = app.ask(again.unwrap()).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(get(&app, "/assets/bell/none.js").await.problem()["status"], 404);
    let put = app.ask(alice("PUT", "/assets/bell/dom.js").body(Vec::new()).unwrap()).await;
    assert_eq!((put.status.as_u16(), put.header("allow")), (405, "GET,HEAD"));
}

//! An actix-web app on the domain of a Django site. What the cookie holds and when it goes is shown
//! through axum; here is that the same key does the same.

use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use restante::django::{Keep, MAX_SIZE, Message as Said};
use restante::testing::assert_messages;
use restante::{DjangoKey, Level, Message, Messages, MessagesMiddleware};

#[tokio::test]
async fn each_shows_what_the_other_said() {
    let key = DjangoKey::new("the site's secret").unwrap();
    let add = async |messages: Messages| {
        messages.add(Message::success("Gespeichert ✓").tag("profile"));
        ""
    };
    let take = async |messages: Messages| {
        let taken = messages.take().await;
        format!("{} {}", taken[0].tags, taken[0])
    };
    let app = App::new()
        .wrap(MessagesMiddleware::for_django(key.clone()))
        .route("/add", web::to(add))
        .route("/take", web::to(take));
    let app = init_service(app).await;

    let said = Said { extra_tags: Some("site".to_owned()), ..Said::new(20, "Willkommen") };
    let written = key.write(&[said], 1_700_000_000, MAX_SIZE, Keep::Newest);
    let cookie = format!("messages={}", written.value);
    let request = TestRequest::get().uri("/take").insert_header((COOKIE, cookie)).to_request();
    let response = call_service(&app, request).await;
    let deleted = response.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
    assert!(deleted.contains("Max-Age=0"), "{deleted}");
    assert_eq!(read_body(response).await, "site info Willkommen");

    let response = call_service(&app, TestRequest::get().uri("/add").to_request()).await;
    assert_messages(&response, &[(Level::SUCCESS, "Gespeichert ✓")]);
    let set = response.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
    let value = set.split(';').next().unwrap().split_once('=').unwrap().1.trim_matches('"');
    let read = key.read(value);
    assert!(!read.is_tampered && read.is_complete);
    assert_eq!(read.messages[0].text, "Gespeichert ✓");
    assert_eq!(read.messages[0].extra_tags.as_deref(), Some("profile"));
}

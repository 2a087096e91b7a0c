//! What rings whose bell, from the forms to the inbox.

#![expect(clippy::unwrap_used, reason = "a request that fails fails its test")]

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use restante::{MemoryStore, Restante};
use serde_json::Value;
use tower::ServiceExt;

use crate::app::app;

/// Somebody's browser.
struct Browser {
    app: Router,
    cookie: String,
}

impl Browser {
    async fn signed_in(app: &Router, name: &str) -> Self {
        let nobody = Self { app: app.clone(), cookie: String::new() };
        let response = nobody.post("/sign-in", &format!("name={name}")).await;
        assert_eq!(response.headers()[LOCATION], "/", "{response:?}");
        let cookies = response.headers().get_all(SET_COOKIE).iter();
        let cookies: Vec<_> =
            cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
        Self { cookie: cookies.join("; "), ..nobody }
    }

    async fn ask(&self, request: axum::http::request::Builder, body: String) -> Response {
        let request = request.header(COOKIE, &self.cookie).body(Body::from(body)).unwrap();
        self.app.clone().oneshot(request).await.unwrap()
    }

    async fn post(&self, path: &str, form: &str) -> Response {
        let form_type = "application/x-www-form-urlencoded";
        self.ask(Request::post(path).header(CONTENT_TYPE, form_type), form.to_owned()).await
    }

    async fn text(&self, path: &str) -> String {
        let response = self.ask(Request::get(path), String::new()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// What the bell shows, newest first.
    async fn messages(&self) -> Vec<String> {
        let page: Value = serde_json::from_str(&self.text("/messages/inbox").await).unwrap();
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["message"].as_str().unwrap().to_owned()).collect()
    }
}

fn smallhub() -> Router {
    app(Restante::new(MemoryStore::new()))
}

#[tokio::test]
async fn what_happens_rings_the_bell_of_whom_it_concerns_but_not_of_who_did_it() {
    let app = smallhub();
    let mona = Browser::signed_in(&app, "mona").await;
    let hubert = Browser::signed_in(&app, "hubert").await;
    let grace = Browser::signed_in(&app, "grace").await;

    hubert.post("/ledger/open", "text=Totals+are+off+by+one").await;
    assert_eq!(mona.messages().await, ["hubert opened “Totals are off by one” in ledger"]);
    assert!(hubert.messages().await.is_empty() && grace.messages().await.is_empty());

    mona.post("/ledger/comment", "issue=0&text=Which+totals%3F").await;
    assert_eq!(hubert.messages().await, ["mona on “Totals are off by one”: Which totals?"]);
    grace.post("/ledger/watch", "").await;
    mona.post("/ledger/close", "issue=0").await;
    assert_eq!(grace.messages().await, ["mona closed “Totals are off by one”"]);
    assert_eq!(hubert.messages().await.len(), 2);

    mona.post("/ledger/release", "").await;
    assert_eq!(grace.messages().await[0], "ledger 1.0 is out");
    assert_eq!(mona.messages().await[0], "ledger 1.0 is out", "to everyone");
    let refused = hubert.post("/ledger/release", "").await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND, "it is mona's");
}

#[tokio::test]
async fn pages_are_for_who_is_signed_in_and_show_the_bell() {
    let app = smallhub();
    let nobody = Browser { app: app.clone(), cookie: String::new() };
    let response = nobody.ask(Request::get("/ledger"), String::new()).await;
    assert_eq!(response.headers()[LOCATION], "/sign-in");
    assert!(!nobody.text("/sign-in").await.contains("restante-bell"));
    let unknown = nobody.post("/sign-in", "name=root").await;
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let mona = Browser::signed_in(&app, "mona").await;
    assert!(mona.text("/").await.contains("Hello, mona"), "said once");
    let hubert = Browser::signed_in(&app, "hubert").await;
    hubert.post("/ledger/open", "text=%3Cimg+src%3Dx%3E").await;
    let page = mona.text("/ledger").await;
    assert!(page.contains("<restante-bell toasts>") && !page.contains("<img"), "{page}");
    assert_eq!(mona.messages().await.len(), 1, "a page does not empty the bell");
}

#[tokio::test]
async fn nothing_is_done_for_another_site() {
    let app = smallhub();
    let mona = Browser::signed_in(&app, "mona").await;
    let request = Request::post("/ledger/watch").header("sec-fetch-site", "cross-site");
    assert_eq!(mona.ask(request, String::new()).await.status(), StatusCode::FORBIDDEN);
}

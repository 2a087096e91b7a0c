//! Responses that are no pages: htmx partials and JSON.
//!
//! On a request of htmx's the messages travel in the header `HX-Trigger`, as the event `messages`; in
//! JSON they are part of the answer.
//!
//! `cargo run --example htmx --features axum`, then
//! `curl -si -H 'HX-Request: true' http://127.0.0.1:3000/part`.

use std::fmt::Write;

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use restante::{Key, Messages, MessagesLayer, Shown};
use serde::Serialize;

/// Puts what is to be shown into the header of responses to htmx.
async fn htmx(messages: Messages, request: Request, next: Next) -> Response {
    let is_htmx = request.headers().contains_key("hx-request");
    let mut response = next.run(request).await;
    // A redirect shows nothing: the messages wait for the page that it leads to.
    let leads_on = response.status().is_redirection()
        || response.headers().contains_key("hx-redirect")
        || response.headers().contains_key("hx-location");
    if !is_htmx || leads_on {
        return response;
    }
    let taken = messages.take().await;
    if !taken.is_empty() {
        let event = ascii(&serde_json::json!({ "messages": taken }).to_string());
        match HeaderValue::from_str(&event) {
            Ok(event) => _ = response.headers_mut().insert("hx-trigger", event),
            Err(_) => messages.keep(),
        }
    }
    response
}

/// The same JSON in ASCII, as headers need it.
fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if (' '..='~').contains(&c) {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    ascii
}

async fn part(messages: Messages) -> &'static str {
    messages.success("Grüße \u{1F600}");
    "<b>a part of a page</b>"
}

#[derive(Serialize)]
struct Envelope<T> {
    #[serde(flatten)]
    data: T,
    messages: Vec<Shown>,
}

async fn api(messages: Messages) -> Json<Envelope<serde_json::Value>> {
    messages.success("Saved");
    let data = serde_json::json!({ "id": 1 });
    Json(Envelope { data, messages: messages.take().await.to_vec() })
}

fn app() -> Router {
    Router::new()
        .route("/part", get(part))
        .layer(middleware::from_fn(htmx))
        .route("/api", get(api))
        .layer(MessagesLayer::new(Key::generate()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    eprintln!("http://{}/api", listener.local_addr()?);
    axum::serve(listener, app()).await
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, header};
    use http_body_util::BodyExt;
    use restante::Level;
    use restante::testing::assert_messages;
    use tower::ServiceExt;

    #[tokio::test]
    async fn htmx_gets_an_event_in_ascii() {
        let request = Request::get("/part").header("hx-request", "true").body(Body::empty());
        let response = super::app().oneshot(request.unwrap()).await.unwrap();
        let event = response.headers()["hx-trigger"].to_str().unwrap();
        assert!(event.contains("Gr\\u00fc\\u00dfe \\ud83d\\ude00"), "{event}");
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        assert_eq!(event["messages"][0]["message"], "Grüße \u{1F600}");
        assert!(response.headers().get(header::SET_COOKIE).is_none());
    }

    #[tokio::test]
    async fn without_htmx_the_message_waits() {
        let request = Request::get("/part").body(Body::empty()).unwrap();
        let response = super::app().oneshot(request).await.unwrap();
        assert_messages(&response, &[(Level::SUCCESS, "Grüße \u{1F600}")]);
    }

    #[tokio::test]
    async fn json_carries_its_messages() {
        let request = Request::get("/api").body(Body::empty()).unwrap();
        let response = super::app().oneshot(request).await.unwrap();
        assert!(response.headers().get(header::SET_COOKIE).is_none());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["id"], 1);
        assert_eq!(body["messages"][0]["message"], "Saved");
    }
}

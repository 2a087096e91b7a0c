//! Flash messages, stored messages and the inbox as JSON in one small app.
//!
//! ```sh
//! cargo run -p restante --example inbox_routes --features axum,inbox-routes
//! ```
//!
//! Who is signed in is said by the header `x-user`, as a proxy that signs users in would set it. A
//! real app asks its session here; nothing else changes.
//!
//! ```sh
//! user='x-user: alice'
//! curl -H "$user" -X POST -c jar localhost:3000/profile           # a flash, in the cookie
//! curl -H "$user" -b jar -c jar localhost:3000/                   # shown once
//! curl -H "$user" -X POST localhost:3000/exports                  # a stored one, for alice
//! curl -H "$user" localhost:3000/messages/inbox                   # her inbox, as JSON
//! curl -H "$user" -X POST localhost:3000/messages/mark_all_read
//! curl localhost:3000/openapi.json                                # what else there is
//! ```

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use restante::{
    Error, Inbox, Key, MemoryStore, Message, Messages, MessagesLayer, Restante, Taken,
    inbox_openapi, inbox_routes,
};

/// The page. The template escapes the messages' texts.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<title>Profile</title>
{% for message in messages.iter() %}<p class="{{ message.tags }}">{{ message.message }}</p>
{% endfor %}<form method="post" action="/profile"><button>Save</button></form>
<form method="post" action="/exports"><button>Export</button></form>
"#
)]
struct Profile {
    messages: Taken,
}

/// Shows what there is to show; stored messages count as read once the page has gone out.
async fn profile(messages: Messages) -> Response {
    let page = Profile { messages: messages.take().await };
    match page.render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Says something to whoever reads the next page of this browser.
async fn save(messages: Messages) -> Redirect {
    messages.success("Profile saved");
    Redirect::to("/")
}

/// Leaves a message for a user. A job that runs without any request does it in the same way.
async fn export(State(restante): State<Restante>, inbox: Inbox) -> Result<StatusCode, Error> {
    let ready = Message::success("Export ready").url("/exports/7").tag("exports");
    restante.send(ready, inbox.user().clone()).await?;
    Ok(StatusCode::ACCEPTED)
}

fn app(restante: Restante, key: Key) -> Router {
    let messages = MessagesLayer::new(key)
        .with_restante(restante.clone())
        .with_user(|parts| Some(parts.headers.get("x-user")?.to_str().ok()?.to_owned()));
    Router::new()
        .route("/", get(profile))
        .route("/profile", post(save))
        .route("/exports", post(export))
        .route("/openapi.json", get(async || Json(inbox_openapi())))
        .nest("/messages", inbox_routes())
        .layer(messages)
        .with_state(restante)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    // `SqliteStore::open("restante.db")` keeps them; see the feature `sqlite`.
    let app = app(Restante::new(MemoryStore::new()), Key::generate());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    eprintln!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use http_body_util::BodyExt;
    use restante::{Key, MemoryStore, Restante};
    use tower::ServiceExt;

    #[tokio::test]
    async fn each_call_of_the_documentation_does_what_it_says() {
        let app = super::app(Restante::new(MemoryStore::new()), Key::generate());
        let call = async |method: &str, path: &str, cookie: &str| {
            let request = Request::builder().method(method).uri(path).header("x-user", "alice");
            let request = request.header(header::COOKIE, cookie).body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let cookie = parts.headers.get(header::SET_COOKIE);
            let cookie = cookie.map(|cookie| cookie.to_str().unwrap().to_owned());
            let body = body.collect().await.unwrap().to_bytes();
            (parts.status, cookie, String::from_utf8(body.to_vec()).unwrap())
        };
        let (status, cookie, _) = call("POST", "/profile", "").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let (_, _, page) = call("GET", "/", &cookie.unwrap()).await;
        assert!(page.contains("<p class=\"success\">Profile saved</p>"), "{page}");

        assert_eq!(call("POST", "/exports", "").await.0, StatusCode::ACCEPTED);
        let (_, _, inbox) = call("GET", "/messages/inbox", "").await;
        assert!(inbox.contains(r#""message":"Export ready""#), "{inbox}");
        let (_, _, marked) = call("POST", "/messages/mark_all_read", "").await;
        assert_eq!(marked, r#"{"changed":true,"unread":0}"#);
        let (_, _, document) = call("GET", "/openapi.json", "").await;
        assert!(document.contains("/inbox/{id}/unread"));
    }
}

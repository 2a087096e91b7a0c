//! The service: where parcels are, and a word to who brings them.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use axum::routing::get;
use axum::{Form, Router};
use restante::{Message, Messages, Taken};
use serde::Deserialize;

pub(crate) fn routes() -> Router {
    Router::new().route("/parcels/", get(show).post(tell))
}

#[derive(Template)]
#[template(path = "parcels.html")]
struct Page {
    said: Taken,
}

/// `GET /parcels/` shows what was said, also by the Django site.
async fn show(messages: Messages) -> Result<Html<String>, StatusCode> {
    let page = Page { said: messages.take().await };
    page.render().map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

#[derive(Deserialize)]
struct Word {
    text: String,
}

/// `POST /parcels/` says something that the Django site shows.
async fn tell(messages: Messages, Form(Word { text }): Form<Word>) -> Redirect {
    match text.trim() {
        "" => messages.warning("Tell the driver something"),
        text => messages
            .add(Message::success(format!("The driver will be told: {text}")).tag("parcels")),
    };
    Redirect::to("/")
}

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use restante::{Key, Level, Message, Messages, MessagesLayer, Restante, Taken, UserId};

use crate::browser::Browser;

pub(crate) fn key() -> Key {
    Key::new([1; 32]).unwrap()
}

pub(crate) fn layer() -> MessagesLayer {
    MessagesLayer::new(key())
}

/// The layer with a store, and a user named by the header `x-user`.
pub(crate) fn layer_with(restante: &Restante) -> MessagesLayer {
    layer()
        .with_restante(restante.clone())
        .with_user(|parts| Some(parts.headers.get("x-user")?.to_str().ok()?.to_owned()))
}

/// An app that does what its paths say.
pub(crate) fn scripted() -> Router {
    Router::new().fallback(run)
}

/// A browser at the scripted app with just this layer.
pub(crate) fn browser(layer: MessagesLayer) -> Browser {
    Browser::new(scripted().layer(layer))
}

/// Does the steps of the path one after the other. What the last `take` or `peek` gave is the body,
/// as `tags=text` joined by commas.
async fn run(messages: Messages, uri: Uri) -> Response {
    let mut seen = Taken::default();
    let mut status = StatusCode::OK;
    for step in uri.path().split('/').filter(|step| !step.is_empty()) {
        let (what, with) = step.split_once(':').unwrap_or((step, ""));
        match what {
            "add" => _ = messages.info(with),
            "debug" => _ = messages.debug(with),
            "error" => _ = messages.error(with),
            "level" => {
                let (level, text) = with.split_once(':').unwrap();
                messages.add(Message::new(Level::new(level.parse().unwrap()), text));
            }
            "tagged" => {
                let (tag, text) = with.split_once(':').unwrap();
                messages.add(Message::info(text).tag(tag));
            }
            "stored" => _ = messages.add(Message::info(with).stored()),
            // Each of 100 characters.
            "many" => {
                for at in 0..with.parse().unwrap() {
                    messages.info(format!("{at:-<100}"));
                }
            }
            "long" => _ = messages.info("x".repeat(with.parse().unwrap())),
            "take" => seen = messages.take().await,
            "peek" => seen = messages.peek().await,
            "keep" => messages.keep(),
            "clear" => messages.clear(),
            "min" => messages.set_min_level(with.parse().ok().map(Level::new)),
            "user" => messages.set_user(UserId::new(with).ok()),
            "status" => status = with.parse().unwrap(),
            "stream" => {
                let messages = messages.clone();
                return Body::from_stream(async_stream::stream! {
                    messages.info("too late");
                    yield Ok::<_, std::io::Error>(texts(&messages.take().await));
                })
                .into_response();
            }
            "panic" => panic!("the handler's own fault"),
            _ => unreachable!("{what}"),
        }
    }
    let mut response = (status, texts(&seen)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        "x-complete",
        HeaderValue::from_static(if seen.is_complete() { "true" } else { "false" }),
    );
    headers.insert("x-unread", seen.unread().into());
    response
}

pub(crate) fn texts(seen: &Taken) -> String {
    seen.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

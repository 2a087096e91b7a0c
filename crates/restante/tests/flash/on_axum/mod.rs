//! Through the axum layer.

#[path = "../behaviour_adding.rs"]
mod behaviour_adding;
#[path = "../behaviour_cookie.rs"]
mod behaviour_cookie;
#[path = "../behaviour_fallback.rs"]
mod behaviour_fallback;
#[path = "../behaviour_levels.rs"]
mod behaviour_levels;
#[path = "../behaviour_middleware.rs"]
mod behaviour_middleware;
#[path = "../behaviour_reading.rs"]
mod behaviour_reading;
#[path = "../behaviour_response.rs"]
mod behaviour_response;
#[path = "../behaviour_session.rs"]
mod behaviour_session;
#[path = "../cancel.rs"]
mod cancel;
mod life;
#[path = "../overlap.rs"]
mod overlap;
mod own_rules;
#[path = "../rules.rs"]
mod rules;
#[path = "../rules_shown.rs"]
mod rules_shown;
mod sessions;
mod sessions_that_fail;
#[path = "../stored.rs"]
mod stored;
#[path = "../templates.rs"]
mod templates;

use std::future::Future;

use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::get;
use http_body_util::BodyExt;
use restante::testing::flash_of;
use restante::{Inbox, Key, Messages, MessagesLayer, Restante};
use tower::ServiceExt;

use crate::browser::{App, Begun};
use crate::script::{key, run, streamed, texts};

pub(crate) use self::sessions::{fallback, has_session_text, layer_without_sessions, session_only};

pub(crate) type Browser = crate::browser::Browser<Router>;
pub(crate) type Layer = MessagesLayer;

/// What a missing layer is told to be.
pub(crate) const ADD_LAYER: &str = "add `.layer(";

impl App for Router {
    type Response = Response<Body>;

    async fn begin(&self, request: Request<()>) -> Begun<Response<Body>> {
        let response = self.clone().oneshot(request.map(|()| Body::empty())).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Begun { status, headers, flash: flash_of(&response), response }
    }

    async fn read(response: Response<Body>) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

pub(crate) fn layer_of(key: Key) -> MessagesLayer {
    MessagesLayer::new(key)
}

pub(crate) fn layer() -> MessagesLayer {
    layer_of(key())
}

/// The layer with a store, and a user named by the header `x-user`.
pub(crate) fn layer_with(restante: &Restante) -> MessagesLayer {
    layer().with_restante(restante.clone()).with_user(user_of)
}

pub(crate) fn user_of(parts: &Parts) -> Option<String> {
    Some(parts.headers.get("x-user")?.to_str().ok()?.to_owned())
}

/// An app that does what its paths say.
pub(crate) fn scripted() -> Router {
    Router::new().fallback(handle)
}

/// A browser at the scripted app with just this layer.
pub(crate) fn browser(layer: MessagesLayer) -> Browser {
    Browser::new(scripted().layer(layer))
}

/// A browser at the scripted app with both, the second outside.
pub(crate) fn browser_of_two(inner: MessagesLayer, outer: MessagesLayer) -> Browser {
    Browser::new(scripted().layer(inner).layer(outer))
}

/// A browser at the scripted app without a layer.
pub(crate) fn browser_of_none() -> Browser {
    Browser::new(scripted())
}

/// A browser at an app of one page.
pub(crate) fn page<F, R>(layer: MessagesLayer, handler: F) -> Browser
where
    F: Fn(Messages) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = String> + Send + 'static,
{
    let handler = get(async move |messages: Messages| handler(messages).await);
    Browser::new(Router::new().route("/", handler).layer(layer))
}

/// A browser at an app whose page tells whether there are messages.
pub(crate) fn optional(layer: Option<MessagesLayer>) -> Browser {
    let handler = get(async |messages: Option<Messages>| match messages {
        Some(_) => "some",
        None => "none",
    });
    layered(Router::new().route("/", handler), layer)
}

/// A browser at an app that shows the inbox of who is signed in.
pub(crate) fn inboxes(layer: Option<MessagesLayer>) -> Browser {
    let mine = get(async |inbox: Inbox| inbox.count().await.unwrap().unread.to_string());
    let maybe = get(async |inbox: Option<Inbox>| inbox.is_some().to_string());
    layered(Router::new().route("/mine", mine).route("/maybe", maybe), layer)
}

fn layered(app: Router, layer: Option<MessagesLayer>) -> Browser {
    Browser::new(match layer {
        Some(layer) => app.layer(layer),
        None => app,
    })
}

async fn handle(messages: Messages, uri: Uri) -> Response<Body> {
    let done = run(&messages, uri.path()).await;
    if done.streams {
        return Body::from_stream(streamed(messages)).into_response();
    }
    let status = StatusCode::from_u16(done.status).unwrap();
    let mut response = (status, texts(&done.seen)).into_response();
    for (name, value) in done.headers() {
        let value = HeaderValue::try_from(value).unwrap();
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}

//! The inbox as JSON over HTTP: the routes of [`crate::routes`] for axum.
//!
//! `handlers` calls what they do, with what `extractors` read; `response` makes a response of their
//! answers. `origin` keeps other sites from changing anything, `bell` serves the bell to everybody.

mod bell;
mod extractors;
mod handlers;
mod origin;
mod response;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::MethodRouter;
use http::Response;
use http::header::{CACHE_CONTROL, HeaderValue, VARY};
use tower::util::MapResponseLayer;

use self::handlers::handler;
use crate::limits;
use crate::routes::{PRIVATE, TABLE, method_not_allowed};

pub use bell::bell_routes;
pub use origin::refuse_other_sites;

/// The inbox of who is signed in, as JSON: a router to nest where the app likes.
///
/// The store and the user are those of the [`MessagesLayer`](crate::MessagesLayer) around it. The
/// routes never send, and a request that another site's page made changes nothing: they can live on
/// the app's own session cookie. Errors are `application/problem+json`.
/// [`inbox_openapi`](crate::inbox_openapi) has every route with what it takes and answers.
/// `bell/restante-bell.js` is the bell for the app's pages ([`bell_routes`]).
///
/// ```
/// use axum::body::{Body, to_bytes};
/// use axum::{Router, http::Request};
/// use restante::{Key, MemoryStore, Message, MessagesLayer, Restante, inbox_routes};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let restante = Restante::new(MemoryStore::new());
/// let messages = MessagesLayer::new(Key::generate())
///     .with_restante(restante.clone())
///     .with_user(|parts| Some(parts.headers.get("x-user")?.to_str().ok()?.to_owned()));
/// let app: Router = Router::new().nest("/messages", inbox_routes()).layer(messages);
///
/// restante.send(Message::info("Export ready"), "alice").await?;
/// let request = Request::get("/messages/inbox").header("x-user", "alice").body(Body::empty())?;
/// let response = app.oneshot(request).await?;
/// let body = to_bytes(response.into_body(), usize::MAX).await?;
/// let page: serde_json::Value = serde_json::from_slice(&body)?;
/// assert_eq!(page["items"][0]["message"], "Export ready");
/// assert_eq!(page["unread"], 1);
/// # Ok(()) }
/// ```
pub fn inbox_routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes("")
        .layer((
            MapResponseLayer::new(|response| kept_private(response, "Cookie")),
            middleware::from_fn(origin::refuse_other_sites),
            DefaultBodyLimit::max(limits::BODY_BYTES),
        ))
        .merge(bell_routes(""))
}

/// The same routes for callers who prove who they are by a header that no browser sends by itself,
/// such as `Authorization: Bearer`: pages of other sites may call them, if CORS lets them.
///
/// Whose inbox it is, the [`MessagesLayer`](crate::MessagesLayer) says, as for [`inbox_routes`]; or a
/// layer of the app that puts an [`Inbox`](crate::Inbox) into the request's extensions, which is all
/// that these routes need.
///
/// They are below `path`, such as `/v1`: a router that is nested costs each request a little more
/// than one that is merged. With an empty path they are where [`inbox_routes`] has them.
///
/// Never nest these where a cookie is enough to be signed in: any site could then mark a visitor's
/// messages read.
pub fn inbox_routes_for_tokens<S>(path: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes(path).layer((
        MapResponseLayer::new(|response| kept_private(response, "Authorization")),
        DefaultBodyLimit::max(limits::BODY_BYTES),
    ))
}

/// The routes. What goes around them is one layer of several, the first the outermost: each that a
/// router is given by itself costs a request two allocations.
fn routes<S>(below: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut router = Router::new();
    for (path, operations) in TABLE {
        let methods = operations.iter().map(|(_, operation)| handler(*operation));
        let methods = methods.fold(MethodRouter::new(), MethodRouter::merge);
        let path = format!("{below}{path}");
        router = router.route(&format!("{path}/"), methods.clone()).route(&path, methods);
    }
    router.method_not_allowed_fallback(async || method_not_allowed())
}

/// Says that an answer is one user's own, and by what it is told whose.
fn kept_private<B>(mut response: Response<B>, depends_on: &'static str) -> Response<B> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
    headers.append(VARY, HeaderValue::from_static(depends_on));
    response
}

//! The inbox as JSON over HTTP.
//!
//! `list`, `item`, `mark` and `stream` are the handlers, `schemas` the shapes that they read and answer;
//! `openapi` describes them. A request passes `origin`, which keeps other sites from changing anything; then
//! the extractors `signed_in`, `item_path`, `query` and `json_object`, whose refusals are problems.
//! Answers leave by `answer`, with their tag; `next_link` says where a list goes on, `reader_tag`
//! whose inbox it is. `bell` serves the bell, to everybody, as `bare` leaves it.

mod answer;
mod bare;
mod bell;
mod item;
mod item_path;
mod json_object;
mod list;
mod mark;
mod next_link;
mod openapi;
mod origin;
mod query;
mod reader_tag;
mod schemas;
mod signed_in;
mod stream;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{MethodRouter, get, post};
use http::header::{CACHE_CONTROL, HeaderValue, VARY};
use http::{Response, StatusCode};
use tower::util::MapResponseLayer;

use super::problem::Problem;
use crate::limits;

pub use bell::bell_routes;
pub use openapi::inbox_openapi;
pub use origin::refuse_other_sites;

/// The inbox of who is signed in, as JSON: a router to nest where the app likes.
///
/// The store and the user are those of the [`MessagesLayer`](crate::MessagesLayer) around it. The
/// routes never send, and a request that another site's page made changes nothing: they can live on
/// the app's own session cookie. Errors are `application/problem+json`. [`inbox_openapi`] has every
/// route with what it takes and answers. `bell/restante-bell.js` is the bell for the app's pages
/// ([`bell_routes`]).
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
    for (path, methods) in table() {
        let path = format!("{below}{path}");
        router = router.route(&format!("{path}/"), methods.clone()).route(&path, methods);
    }
    router.method_not_allowed_fallback(async || {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "urn:restante:problem:method-not-allowed",
            "This address cannot be used that way",
            "the header Allow names the methods that work",
        )
    })
}

/// Every path, without the trailing slash that it may also have.
fn table<S>() -> [(&'static str, MethodRouter<S>); 8]
where
    S: Clone + Send + Sync + 'static,
{
    [
        ("/inbox", get(list::list_inbox)),
        ("/inbox/count", get(list::count_unread)),
        ("/inbox/read", post(mark::mark_read)),
        ("/inbox/stream", get(stream::stream_inbox)),
        ("/inbox/{id}", get(item::get_item).delete(item::dismiss_item)),
        ("/inbox/{id}/read", post(item::mark_item_read)),
        ("/inbox/{id}/unread", post(item::mark_item_unread)),
        ("/mark_all_read", post(mark::mark_all_read)),
    ]
}

/// One user's answers are not for another, nor to be shown again without asking. Errors too: a
/// cache may keep a 404 that says nothing of it.
fn kept_private<B>(mut response: Response<B>, depends_on: &'static str) -> Response<B> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.append(VARY, HeaderValue::from_static(depends_on));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_every_path_and_no_other() {
        let mut routed: Vec<_> = table::<()>().iter().map(|(path, _)| *path).collect();
        routed.sort_unstable();
        let document = inbox_openapi();
        let described: Vec<_> = document.paths.paths.keys().map(String::as_str).collect();
        assert_eq!(described, routed);
    }
}

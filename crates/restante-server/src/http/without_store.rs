//! What is answered while the store has not answered yet.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, HeaderValue};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use restante::Error;

use super::{Site, health};

/// Says that it is alive, and not ready. Connections are closed, so that the next request meets
/// whatever is there by then.
pub(crate) fn router_without_store(site: &Site) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::is_alive))
        .route("/readyz", get(is_not_ready))
        .fallback(refuse);
    let routes = match site.base() {
        "" => routes,
        base => routes.clone().nest(base, routes),
    };
    routes.layer(middleware::map_response(close))
}

async fn is_not_ready() -> (StatusCode, &'static str) {
    (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
}

async fn refuse() -> Response {
    Error::transient("store", "the store does not answer yet").into_response()
}

async fn close(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

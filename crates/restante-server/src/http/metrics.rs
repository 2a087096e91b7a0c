//! `/metrics`: figures for whoever watches the server.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::App;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// How long the store may take to say what waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// A router with nothing but the figures, for a port of its own.
pub(crate) fn metrics_router(app: Arc<App>) -> Router {
    Router::new().route("/metrics", get(show)).with_state(app)
}

/// `GET /metrics`. Without the store it tells the rest.
pub(super) async fn show(State(app): State<Arc<App>>) -> Response {
    let load = match tokio::time::timeout(PATIENCE, app.store().load()).await {
        Ok(Ok(load)) => Some(load),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn StdError, "the store does not say what waits");
            None
        }
        Err(_) => None,
    };
    match app.figures.write(load) {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

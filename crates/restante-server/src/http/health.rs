//! Whether the server works, for whoever watches it.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use super::App;

/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process runs. It does not ask the store, so that nobody restarts a server
/// whose database is away.
pub(super) async fn is_alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store answers, so requests may come.
pub(super) async fn is_ready(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    match tokio::time::timeout(PATIENCE, app.store().load()).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn StdError, "not ready: the store fails");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not work\n")
        }
        Err(_) => {
            tracing::warn!("not ready: the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
    }
}

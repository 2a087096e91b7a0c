use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;

use super::response::respond;
use crate::Problem;
use crate::routes::module;

/// The bell: the custom element `<restante-bell>` and the client class beneath it, as ES modules.
///
/// [`inbox_routes`](crate::inbox_routes) has them already, below `bell/`: a page that loads
/// `{where the routes are}/bell/restante-bell.js` finds the inbox by itself. They are everybody's:
/// whoever loads them learns nothing of any user, so pages of other origins may.
///
/// The files are below `path`, such as `/v1`; with an empty path at `/bell/…`.
///
/// ```
/// use axum::{Router, body::Body, http::Request};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app: Router = restante::bell_routes("/assets");
///
/// let request = Request::get("/assets/bell/restante-bell.js").body(Body::empty())?;
/// let response = app.oneshot(request).await?;
/// assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
/// # Ok(()) }
/// ```
pub fn bell_routes<S>(path: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new().route(&format!("{path}/bell/{{file}}"), get(module_at))
}

async fn module_at(Path(file): Path<String>, request: HeaderMap) -> Result<Response, Problem> {
    module(&file, &request).map(respond)
}

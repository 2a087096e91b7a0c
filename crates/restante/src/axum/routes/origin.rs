use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::routes::check_origin;

/// Refuses requests that would change something and that a page of another site made: the browser
/// sends the app's cookie along with them.
///
/// `Sec-Fetch-Site` says so in every browser of today where the app is served over HTTPS; `Origin`
/// in old ones and over plain HTTP. Whoever sends neither is no browser, and has no cookie that it
/// was not given.
///
/// [`inbox_routes`](crate::inbox_routes) has it already. For an app's own routes that live on a
/// cookie:
///
/// ```
/// use axum::{Router, middleware, routing::post};
///
/// let app: Router = Router::new()
///     .route("/orders", post(async || "ordered"))
///     .layer(middleware::from_fn(restante::refuse_other_sites));
/// # let _ = app;
/// ```
pub async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    match check_origin(request.method().as_str(), request.headers(), authority) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use http::{HeaderMap, Method, StatusCode, Uri};

use super::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_own(request.headers(), request.uri()) {
        return Problem::new(
            StatusCode::FORBIDDEN,
            "urn:restante:problem:cross-site",
            "The request came from another site",
            "only the app's own pages may change a user's messages",
        )
        .into_response();
    }
    next.run(request).await
}

fn is_own(headers: &HeaderMap, uri: &Uri) -> bool {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter().peekable();
    if sites.peek().is_some() {
        return sites.all(|site| site == "same-origin" || site == "none");
    }
    let mut origins = headers.get_all(ORIGIN).iter().peekable();
    if origins.peek().is_none() {
        return true;
    }
    // HTTP/2 has the host in the address.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(http::uri::Authority::as_str).or(host);
    host.is_some_and(|host| origins.all(|origin| is_origin_of(origin, host)))
}

/// Whether the page's host is the one that was called. The scheme is not compared: behind a proxy
/// that ends TLS it is not known here.
fn is_origin_of(origin: &HeaderValue, host: &str) -> bool {
    let Some((scheme, page)) = origin.to_str().ok().and_then(|text| text.split_once("://")) else {
        return false;
    };
    let default_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let without_port = |host: &str| host.strip_suffix(default_port).unwrap_or(host).to_owned();
    !host.is_empty() && without_port(page).eq_ignore_ascii_case(&without_port(host))
}

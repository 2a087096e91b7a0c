use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, StatusCode};

use super::Problem;
use super::answer::{has_current, tag_of};
use super::bare::bare;

/// A module as it is served.
#[derive(Debug)]
struct Module {
    name: &'static str,
    content: String,
    tag: String,
}

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../web/", $name)))),*]
    };
}

static MODULES: LazyLock<Vec<Module>> = LazyLock::new(|| {
    let sources = modules![
        "backoff.js",
        "dom.js",
        "feed.js",
        "language.js",
        "notices.js",
        "panel.js",
        "restante-bell.js",
        "restante-client.js",
        "rows.js",
        "session.js",
        "shown-list.js",
        "sse.js",
        "style.js",
        "tabs.js",
        "texts-ar.js",
        "texts.js",
    ];
    let served = |(name, source)| {
        let content = bare(source);
        Module { name, tag: tag_of(content.as_bytes()), content }
    };
    sources.into_iter().map(served).collect()
});

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

async fn module_at(Path(file): Path<String>, request: HeaderMap) -> Response {
    let Some(module) = MODULES.iter().find(|module| module.name == file) else {
        return Problem::new(
            StatusCode::NOT_FOUND,
            "urn:restante:problem:no-such-address",
            "There is no such address",
            "the bell has no such module",
        )
        .into_response();
    };
    let mut response = if has_current(&request, module.tag.trim_start_matches("W/")) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        module.content.as_str().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(tag) = HeaderValue::try_from(module.tag.as_str()) {
        headers.insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_imports_is_served() {
        for module in MODULES.iter() {
            for (_, rest) in module
                .content
                .match_indices(" from'./")
                .map(|(at, found)| module.content.split_at(at + found.len()))
            {
                let name = rest.split('\'').next().unwrap_or("");
                assert!(MODULES.iter().any(|module| module.name == name), "{name}");
            }
        }
    }
}

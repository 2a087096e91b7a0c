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
        "announcer.js",
        "backoff.js",
        "dom.js",
        "feed.js",
        "language.js",
        "link.js",
        "panel.js",
        "place.js",
        "restante-bell.js",
        "restante-client.js",
        "row.js",
        "rows.js",
        "session.js",
        "shown-list.js",
        "sse.js",
        "style.js",
        "tabs.js",
        "texts-ar.js",
        "texts.js",
        "toasts.js",
    ];
    let served = |(name, source)| {
        let content = without_comments(source);
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
    let mut response = if has_current(&request, &module.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        module.content.as_str().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(tag) = HeaderValue::try_from(format!("W/{}", module.tag)) {
        headers.insert(ETAG, tag);
    }
    response
}

/// A module without what only people read. Its comments are half of it, and it goes to every
/// visitor. They are either `/** … */` or lines of their own, which the test below guards.
fn without_comments(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("/**") {
        code.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    code.lines().map(str::trim).filter(is_code).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_nothing_else_are_left_out() {
        let source = "// Says.\n\n/**\n * @param {string} a\n */\nexport function say(/** @type {A} */ a) {\n  // Why.\n  return 'https://x';\n}\n";
        assert_eq!(without_comments(source), "export function say( a) {\nreturn 'https://x';\n}\n");
    }

    #[test]
    fn what_a_module_imports_is_served() {
        for module in MODULES.iter() {
            assert!(!module.content.contains("/*"), "{} has another comment", module.name);
            for line in module.content.lines() {
                let Some((_, imported)) = line.split_once(" from './") else { continue };
                let name = imported.trim_end_matches([';', '\'']);
                assert!(MODULES.iter().any(|module| module.name == name), "{name}");
            }
        }
    }
}

//! The bell's modules, which are everybody's.

use std::sync::LazyLock;

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};

use super::answer::{Answer, Content, empty, has_current, tag_of};
use super::bare::bare;
use crate::Problem;
use crate::headers::Headers;

/// A module as it is served.
#[derive(Debug)]
struct Module {
    name: &'static str,
    content: String,
    tag: String,
}

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../web/", $name)))),*]
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

/// The module of this name.
pub(crate) fn module(name: &str, request: &impl Headers) -> Result<Answer, Problem> {
    let Some(module) = MODULES.iter().find(|module| module.name == name) else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "urn:restante:problem:no-such-address",
            "There is no such address",
            "the bell has no such module",
        ));
    };
    let mut answer = if has_current(request, module.tag.trim_start_matches("W/")) {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        Response::new(Content::Module(&module.content))
    };
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(tag) = HeaderValue::try_from(module.tag.as_str()) {
        headers.insert(ETAG, tag);
    }
    Ok(answer)
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

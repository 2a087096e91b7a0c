//! The description of the routes, as an OpenAPI document for programs and as a page for people.
//!
//! The page is made from the document and nothing else: `page` is the whole of it, `operation` one
//! route with its example from `curl`, `fields` what an object holds, `type_words` what a value may
//! be, `prose` the sentences. `written` is an answer that stays the same while the server runs.

mod curl;
mod fields;
mod operation;
mod page;
mod prose;
mod type_words;
mod written;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{MethodRouter, get};

use self::written::Written;
use super::api;
use super::{App, Site};

/// Both, made when they are first asked for: most processes never are.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/openapi.json", answer(app.site.clone(), json))
        .route("/docs", answer(app.site.clone(), page::html))
}

/// Writes once and answers from then on.
fn answer(site: Site, write: fn(&Site) -> Written) -> MethodRouter<Arc<App>> {
    let written = Arc::new(LazyLock::new(move || write(&site)));
    get(move |headers: HeaderMap| {
        let written = Arc::clone(&written);
        async move { written.answer(&headers) }
    })
}

fn json(site: &Site) -> Written {
    let text = serde_json::to_string_pretty(&api::document(site));
    Written::new("application/json", text.map_err(Into::into))
}

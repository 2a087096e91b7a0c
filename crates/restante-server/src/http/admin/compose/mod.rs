//! Writing a message: to some users, to a long list, to everyone.
//!
//! `typed` is the form as it was filled in, `reading` takes it from the request while it arrives,
//! `user_lines` the ids of a list; `check` says what is wrong with each field, `view` shows it all
//! again. `sending` decides what becomes of it.

mod check;
mod reading;
mod sending;
mod typed;
mod user_lines;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;

use crate::http::App;

/// How long a list may be with the message that goes to it, as in the JSON interface.
const LIST_BYTES: usize = 64 * 1024 * 1024;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin/compose", get(sending::begin).post(sending::take))
        .layer(DefaultBodyLimit::max(LIST_BYTES))
}

/// A refusal of the library as a sentence.
pub(super) fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let mut sentence: String = first.chain(letters).collect();
    // What the library sets apart for terminals is in quotes on a page.
    for quote in ["“", "”"].into_iter().cycle() {
        let Some(at) = sentence.find('`') else { break };
        sentence.replace_range(at..=at, quote);
    }
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_refusal_reads_as_a_sentence() {
        assert_eq!(sentence("must be `a` or `b`"), "Must be “a” or “b”.");
        assert_eq!(sentence("älter als 1 Tag!"), "Älter als 1 Tag!");
    }
}

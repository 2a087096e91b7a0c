//! JSON over HTTP, below `/v1`.
//!
//! Who calls is settled first: `sender` finds the API key and what it may do, `reader` the user
//! whose inbox it is. `bearer` reads the header that both come by, `refusals` is what they answer
//! whom they do not let in. Then `json_body` and `parameters` read what is asked: `messages` sends,
//! shows and retracts, `send_body` is how a message is written, `users` makes tokens, forgets and
//! exports, `keys` looks after API keys, `sweep` removes what nobody can see. The inbox is the
//! library's own routes.

mod bearer;
mod common_answers;
mod json_body;
mod key_path;
mod keys;
mod level_name;
mod messages;
mod openapi;
mod parameters;
mod reader;
mod refusals;
mod schemas;
mod send_body;
mod send_schema;
mod sender;
mod sending;
mod sweep;
mod user_list;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, any, delete, get, post};
use restante::{Problem, bell_routes, inbox_routes_for_tokens};
use tower::util::MapResponseLayer;

pub(super) use self::openapi::document;
use self::reader::FindReader;
use super::{App, unread_body};

/// What all paths here begin with. It is part of each, since a nested router would cost every
/// request some allocations more.
const BELOW: &str = "/v1";

/// All of it.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let mut senders = Router::new();
    for (path, methods) in table() {
        let path = format!("{BELOW}{path}");
        senders = senders.route(&format!("{path}/"), methods.clone()).route(&path, methods);
    }
    senders
        .method_not_allowed_fallback(refuse_method)
        .layer((
            MapResponseLayer::new(keep_private),
            middleware::from_fn(unread_body::read_on),
            DefaultBodyLimit::max(json_body::BYTES),
        ))
        .merge(inbox(app))
        .merge(bell_routes(BELOW))
        .route(BELOW, any(refuse_path))
        .route(&format!("{BELOW}/"), any(refuse_path))
        .route(&format!("{BELOW}/{{*path}}"), any(refuse_path))
}

/// Every path of senders below that, without the trailing slash that it may also have.
fn table() -> [(&'static str, MethodRouter<Arc<App>>); 9] {
    [
        ("/messages", get(messages::list_messages).post(sending::send_message)),
        ("/messages/{id}", get(messages::get_message).delete(messages::retract_message)),
        ("/users/{id}", delete(users::forget_user)),
        ("/users/{id}/export", get(users::export_user)),
        ("/users/{id}/tokens", post(users::make_token).delete(users::end_tokens)),
        ("/users/{id}/tickets", post(users::make_ticket)),
        ("/keys", get(keys::list_keys).post(keys::create_key)),
        ("/keys/{id}", delete(keys::revoke_key)),
        ("/sweep", post(sweep::sweep)),
    ]
}

/// The library's routes, for the inbox that [`reader`] finds.
fn inbox(app: &Arc<App>) -> Router<Arc<App>> {
    inbox_routes_for_tokens(BELOW).layer(FindReader(Arc::clone(app)))
}

/// Answers of this kind are for one caller. The inbox says so itself.
fn keep_private(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn refuse_path() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "urn:restante:problem:no-such-address",
        "There is no such address",
        "/docs lists those that there are",
    )
}

async fn refuse_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "urn:restante:problem:method-not-allowed",
        "This address cannot be used that way",
        "the header Allow names the methods that work",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_every_path_and_no_other() {
        let inbox = restante::inbox_openapi();
        let inbox = inbox.paths.paths.keys().map(String::as_str);
        let own = table();
        let mut routed: Vec<_> = own.iter().map(|(path, _)| *path).chain(inbox).collect();
        routed.sort_unstable();
        let document = document(&"http://localhost".parse().unwrap());
        let described = document.paths.paths.keys();
        let described: Vec<_> = described.map(|path| path.strip_prefix("/v1").unwrap()).collect();
        assert_eq!(described, routed);
    }
}

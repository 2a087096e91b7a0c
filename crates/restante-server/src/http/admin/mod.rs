//! The pages of operators, below `/admin`: plain ones that work without JavaScript.
//!
//! `door` is how they get in: `attempts` counts who tries, `sign_in` takes a key for a session and
//! ends it, `signed_in` is who asks, `form` guards what changes something. Each page has a file:
//! `overview` with its `chart` and `health`, `compose`, `sent` and `message`, `users` with what can
//! be done about one in `user_actions`, `keys`. `shell` is what all of them show, `row`, `level` and
//! `number` how parts are shown; `problem` is every answer that is not a page.

mod attempts;
mod chart;
mod compose;
mod door;
mod form;
mod health;
mod keys;
mod level;
mod message;
mod number;
mod overview;
mod problem;
mod row;
mod sent;
mod shell;
mod sign_in;
mod signed_in;
mod user_actions;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{any, get, post};

pub(super) use self::door::Door;
use self::problem::Problem;
use super::{App, unread_body};

/// More than any form needs, but for that of a long list.
const BODY_BYTES: usize = 64 * 1024;

/// The pages, and the answer to every address below them that is none.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/", get(to_overview))
        .route("/admin/signin", get(to_overview).post(sign_in::sign_in))
        .route("/admin/signout", post(sign_in::sign_out))
        .route("/admin/signout-everywhere", post(sign_in::sign_out_everywhere))
        .route("/admin/sent", get(sent::list))
        .route("/admin/sent/{id}", get(message::show))
        .route("/admin/sent/{id}/progress", get(message::progress))
        .route("/admin/sent/{id}/retract", get(message::ask).post(message::retract))
        .route("/admin/users", get(users::show))
        .route("/admin/users/ask", get(user_actions::ask))
        .route("/admin/users/forget", post(user_actions::forget))
        .route("/admin/users/export", post(user_actions::export))
        .route("/admin/users/end-tokens", post(user_actions::end_tokens))
        .route("/admin/keys", get(keys::list).post(keys::create))
        .route("/admin/keys/{id}/revoke", get(keys::ask).post(keys::revoke))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .merge(compose::routes())
        .route("/admin/{*path}", any(async || Problem::NotFound))
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(app.admin.flash.clone())
        .layer(middleware::from_fn_with_state(Arc::clone(app), problem::show))
        .layer(middleware::from_fn(unread_body::read_on))
}

/// The way on from an address that only leads here.
async fn to_overview(State(app): State<Arc<App>>) -> Redirect {
    Redirect::to(&app.site.path("/admin"))
}

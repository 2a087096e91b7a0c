//! What `restante serve` serves: the inbox as plain pages.
//!
//! `app` is what handlers share. Who is asking is settled by `signed_in`, which trusts a proxy's
//! header or a cookie of `session`; cookies come from `login` in exchange for one of the `tickets`.
//! `inbox` holds the handlers, `form` guards those that change something, `list_query` says which
//! page of which list; `view` and `link` turn items into what the templates show. `problem` is
//! every answer that is not a page, `assets` the styles, `headers` what all answers carry.

mod app;
mod assets;
mod form;
mod headers;
mod inbox;
mod link;
mod list_query;
mod login;
mod problem;
mod session;
mod signed_in;
mod tickets;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};

pub(crate) use self::app::App;
use self::problem::Problem;

/// More than any form of these pages needs.
const BODY_BYTES: usize = 64 * 1024;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(async || Redirect::to("/inbox")))
        .route("/inbox", get(inbox::list_inbox))
        .route("/inbox/", get(async || Redirect::permanent("/inbox")))
        .route("/inbox/read", post(inbox::mark_all_read))
        .route("/inbox/{id}/read", post(inbox::mark_read))
        .route("/inbox/{id}/unread", post(inbox::mark_unread))
        .route("/inbox/{id}/dismiss", post(inbox::dismiss))
        .route("/login", get(login::login))
        .route("/healthz", get(async || "ok\n"))
        .route("/static/{file}", get(assets::asset_at))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn(headers::secure))
        .with_state(app)
}

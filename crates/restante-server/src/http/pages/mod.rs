//! The inbox as plain pages that work without JavaScript.
//!
//! `signed_in` is who is asking; a browser gets its session from `login` in exchange for a ticket.
//! `inbox` holds the handlers, `form` guards those that change something, `list_query` says which
//! page of which list; `view` and `link` turn items into what the templates show. `problem` is every
//! answer that is not a page, `assets` the styles.

pub(super) mod assets;
mod form;
mod inbox;
pub(super) mod link;
mod list_query;
mod login;
mod problem;
mod signed_in;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};

use self::problem::Problem;
use super::App;

/// More than any form of these pages needs.
const BODY_BYTES: usize = 64 * 1024;

/// The pages, and the answer to every address that is none.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(to_inbox))
        .route("/inbox", get(inbox::list_inbox))
        .route("/inbox/", get(to_inbox))
        .route("/inbox/read", post(inbox::mark_all_read))
        .route("/inbox/{id}/read", post(inbox::mark_read))
        .route("/inbox/{id}/unread", post(inbox::mark_unread))
        .route("/inbox/{id}/dismiss", post(inbox::dismiss))
        .route("/login", get(login::login))
        .route("/logout", post(login::logout))
        .route("/static/{file}", get(assets::asset_at))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(app.flash.clone())
        .layer(middleware::from_fn_with_state(Arc::clone(app), problem::show))
}

/// The way on from an address that only leads here.
pub(super) async fn to_inbox(State(app): State<Arc<App>>) -> Redirect {
    Redirect::to(&app.site.path("/inbox"))
}

//! What `restante serve` serves.
//!
//! `api` is JSON for programs, below `/v1`; `pages` is the inbox for people; `health` says whether
//! it works. `app` is what handlers share, `site` where all of it is for those who call, `visitor`
//! whom a browser comes for, `headers` what every answer carries.

mod api;
mod app;
mod headers;
mod health;
mod pages;
mod site;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::get;

pub(crate) use self::app::{App, Settings};
pub(crate) use self::site::Site;

/// All routes: at the root, and below the path of the public address, if that has one. A proxy may
/// take it off or leave it.
pub(crate) fn router(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::is_alive))
        .route("/readyz", get(health::is_ready))
        .merge(pages::routes(&app))
        .nest("/v1", api::routes(&app));
    let routes = match app.site.base() {
        "" => routes,
        base => routes.clone().nest(base, routes),
    };
    routes.layer(middleware::from_fn(headers::secure)).with_state(app)
}

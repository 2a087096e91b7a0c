//! What `restante serve` serves.
//!
//! `api` is JSON for programs, below `/v1`, and `docs` its description; `pages` is the inbox for
//! people, `admin` what operators see, `link` where a message leads in both; `health` says whether it
//! works, `metrics` how much it does. `app` is what handlers share, `site` where all of it is for
//! those who call, `visitor` whom a browser comes for, `limits` how often a key may call, `cors`
//! which other sites' pages may. `watching` counts every answer and gives it
//! its `headers`, `unread_body` sees to it that refusals arrive, `without_store` answers until the store does.

mod admin;
mod api;
mod app;
mod cors;
mod docs;
mod headers;
mod health;
mod limits;
mod link;
mod metrics;
mod pages;
mod site;
mod unread_body;
mod visitor;
mod watching;
mod without_store;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

pub(crate) use self::app::{App, Settings};
pub(crate) use self::cors::parse_origin;
pub(crate) use self::metrics::metrics_router;
pub(crate) use self::site::Site;
use self::watching::Watch;
pub(crate) use self::without_store::router_without_store;

/// All routes: at the root, and below the path of the public address, if that has one. A proxy may
/// take it off or leave it.
pub(crate) fn router(app: Arc<App>) -> Router {
    let mut api = api::routes(&app);
    if !app.origins.is_empty() {
        api = api.layer(cors::layer(&app.origins));
    }
    let mut routes = Router::new()
        .route("/healthz", get(health::is_alive))
        .route("/readyz", get(health::is_ready))
        .merge(docs::routes(&app))
        .merge(pages::routes(&app))
        .merge(admin::routes(&app))
        .merge(api);
    if app.shows_metrics {
        routes = routes.route("/metrics", get(metrics::show));
    }
    let routes = match app.site.base() {
        "" => routes,
        base => {
            let with_slash = format!("{base}/");
            routes.clone().nest(base, routes).route(&with_slash, get(pages::to_inbox))
        }
    };
    routes.layer(Watch(Arc::clone(&app.figures))).with_state(app)
}

//! The app: its routes, who is signed in, and the bell.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use restante::{Key, MessagesLayer, Restante, inbox_routes, refuse_other_sites};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::pages;
use crate::people::Person;
use crate::repositories::Repositories;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) restante: Restante,
    pub(crate) repositories: Repositories,
}

/// Everything.
pub(crate) fn app(restante: Restante) -> Router {
    let app = Arc::new(App { restante: restante.clone(), repositories: Repositories::default() });
    // It signs flash messages. A real app keeps it, so that they outlive a restart.
    let key = Key::generate();
    // The pages show what was said to this browser; what is stored is the bell's to show.
    let flash = MessagesLayer::new(key.clone());
    let stored = MessagesLayer::new(key).with_restante(restante).with_user_async(|parts| {
        let session = parts.extensions.get::<Session>().cloned();
        async move { Some(Person::of(&session?).await?.0) }
    });
    // Plain HTTP, for trying out.
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let pages = Router::new()
        .route("/", get(pages::list_repositories))
        .route("/sign-in", get(pages::show_people).post(pages::sign_in))
        .route("/sign-out", post(pages::sign_out))
        .route("/page.css", get(pages::style))
        .route("/{repository}", get(pages::show_repository))
        .route("/{repository}/{action}", post(pages::act))
        .layer(middleware::from_fn(refuse_other_sites))
        .layer(flash);
    Router::new()
        // The inbox as JSON, its live stream, and the bell itself.
        .nest("/messages", inbox_routes().layer(stored))
        .merge(pages)
        .layer(sessions)
        .layer(middleware::map_response(with_policy))
        .with_state(app)
}

/// Nothing inline, nothing from elsewhere: the bell needs no more.
async fn with_policy(mut response: Response) -> Response {
    let policy = HeaderValue::from_static("default-src 'self'");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

//! Apps with sessions, and a look into what is kept there.

use axum::Router;
use axum::routing::get;
use restante::{MessagesLayer, TowerSessions};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use super::{Browser, scripted};

/// A browser at the scripted app; the session layer is outside, as it should be.
pub(crate) fn with_sessions(layer: MessagesLayer) -> Browser {
    Browser::new(app(layer))
}

fn app(layer: MessagesLayer) -> Router {
    let look = get(async |session: Session| {
        session
            .get_value("_messages")
            .await
            .unwrap()
            .map_or_else(String::new, |value| value.to_string())
    });
    // What another program left under our key.
    let litter = get(async |session: Session| session.insert("_messages", [1, 2]).await.unwrap());
    scripted()
        .route("/session", look)
        .route("/litter", litter)
        .layer(layer)
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_secure(false))
}

pub(crate) fn fallback() -> Browser {
    with_sessions(super::layer().with_session(TowerSessions))
}

pub(crate) fn session_only() -> Browser {
    with_sessions(super::layer().with_session_only(TowerSessions))
}

/// A layer that is told of sessions that are not there.
pub(crate) fn layer_without_sessions() -> MessagesLayer {
    super::layer().with_session(TowerSessions)
}

/// Whether the session holds messages.
pub(crate) async fn has_session_text(browser: &mut Browser) -> bool {
    !browser.get("/session").await.body.is_empty()
}

/// Sessions that fail to load, to save, or both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken {
    pub(crate) loads: bool,
    pub(crate) saves: bool,
}

impl restante::Sessions for Broken {
    fn session(&self, _: &axum::http::Extensions) -> Option<Box<dyn restante::SessionText>> {
        Some(Box::new(*self))
    }
}

#[restante::async_trait]
impl restante::SessionText for Broken {
    async fn load(&self) -> Result<Option<String>, restante::SessionError> {
        if self.loads { Ok(None) } else { Err("no session today".into()) }
    }

    async fn save(&self, _: Option<String>) -> Result<(), restante::SessionError> {
        if self.saves { Ok(()) } else { Err("no session today".into()) }
    }
}

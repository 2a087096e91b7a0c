//! Apps with sessions, and a look into what is kept there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::{self, time::Duration};
use actix_web::{App, web};
use restante::MessagesMiddleware;

use super::{Browser, handle, layer, served};

type State = HashMap<String, String>;

/// Sessions in memory.
#[derive(Clone, Default)]
pub(crate) struct InMemory(Arc<Mutex<HashMap<String, State>>>);

impl SessionStore for InMemory {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(self.0.lock().unwrap().get(key.as_ref()).cloned())
    }

    async fn save(&self, state: State, _: &Duration) -> Result<SessionKey, SaveError> {
        let mut sessions = self.0.lock().unwrap();
        let key = format!("session-{}", sessions.len());
        sessions.insert(key.clone(), state);
        Ok(key.try_into().unwrap())
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.0.lock().unwrap().insert(key.as_ref().to_owned(), state);
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> anyhow::Result<()> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        self.0.lock().unwrap().remove(key.as_ref());
        Ok(())
    }
}

pub(crate) fn session_middleware() -> SessionMiddleware<InMemory> {
    let key = cookie::Key::from(&[3; 64]);
    SessionMiddleware::builder(InMemory::default(), key).cookie_secure(false).build()
}

/// A browser at the scripted app; the sessions' middleware is outside, as it should be.
fn with_sessions(layer: MessagesMiddleware) -> Browser {
    let look =
        async |session: Session| session.entries().get("_messages").cloned().unwrap_or_default();
    // What another program left under our key.
    let litter = async |session: Session| {
        session.insert("_messages", [1, 2]).unwrap();
        ""
    };
    let app = App::new()
        .route("/session", web::to(look))
        .route("/litter", web::to(litter))
        .default_service(web::to(handle));
    Browser::new(served(app.wrap(layer).wrap(session_middleware())))
}

pub(crate) fn fallback() -> Browser {
    with_sessions(layer().with_session())
}

pub(crate) fn session_only() -> Browser {
    with_sessions(layer().with_session_only())
}

/// A middleware that is told of sessions that are not there.
pub(crate) fn layer_without_sessions() -> MessagesMiddleware {
    layer().with_session()
}

/// Whether the session holds messages.
pub(crate) async fn has_session_text(browser: &mut Browser) -> bool {
    !browser.get("/session").await.body.is_empty()
}

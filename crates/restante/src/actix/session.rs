//! The session of actix-session, which stays on its thread while messages may go elsewhere: its text
//! is taken out when an extractor sees the request, and put back when the response is there.

use std::cell::Cell;
use std::mem;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_session::{Session, SessionExt};
use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, HttpRequest};
use async_trait::async_trait;

use crate::flash::{SESSION_KEY, SessionError, SessionText, Settings};

/// What a request's session holds of messages, and what it is to hold.
#[derive(Debug)]
pub(super) struct Pocket(Mutex<Held>);

#[derive(Debug)]
struct Held {
    text: Option<String>,
    is_changed: bool,
}

impl Pocket {
    /// Takes the text of the request's session out, and stays where `put_back` finds it.
    pub(super) fn of(request: &HttpRequest) -> Arc<dyn SessionText> {
        let session = request.get_session();
        let value = session.entries().get(SESSION_KEY).cloned();
        // Something else under our key is handed on as text, which no signature matches.
        let text = value.map(|json| serde_json::from_str(&json).unwrap_or(json));
        let pocket = Arc::new(Self(Mutex::new(Held { text, is_changed: false })));
        request.extensions_mut().insert(Arc::clone(&pocket));
        pocket
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SessionText for Pocket {
    async fn load(&self) -> Result<Option<String>, SessionError> {
        Ok(self.held().text.clone())
    }

    async fn save(&self, text: Option<String>) -> Result<(), SessionError> {
        *self.held() = Held { text, is_changed: true };
        Ok(())
    }
}

/// Gives the session what was saved. Nothing of it could fail: it is text, and only the session's
/// own middleware writes.
pub(super) fn put_back(session: &Session, request: &HttpRequest) {
    let Some(pocket) = request.extensions().get::<Arc<Pocket>>().map(Arc::clone) else { return };
    let mut held = pocket.held();
    if !held.is_changed {
        return;
    }
    match held.text.take() {
        Some(text) => {
            if let Err(error) = session.insert(SESSION_KEY, text) {
                tracing::error!(%error, "the session's messages could not be written");
            }
        }
        // Removing what is not there would mark the session as changed.
        None if session.contains_key(SESSION_KEY) => drop(session.remove(SESSION_KEY)),
        None => {}
    }
}

/// Whether the session's middleware is outside of ours: found out with the first request, because
/// middleware does not change places.
#[derive(Debug, Default)]
pub(super) struct Order {
    has_session: Cell<Option<bool>>,
}

impl Order {
    /// The request's session, if what is written to it lasts.
    pub(super) fn session(&self, settings: &Settings, request: &ServiceRequest) -> Option<Session> {
        if !settings.actix_session {
            return None;
        }
        let has_session = self.has_session.get().unwrap_or_else(|| {
            let found = has_session(request);
            self.has_session.set(Some(found));
            if !found {
                settings.miss_session();
            }
            found
        });
        has_session.then(|| request.get_session())
    }
}

/// Whether the request has a session. Asking for it makes one where there is none, so it is asked
/// with the extensions out of the way, and what was there takes the place of the one just made.
fn has_session(request: &ServiceRequest) -> bool {
    let before = mem::take(&mut *request.extensions_mut());
    let made = request.get_session();
    request.extensions_mut().extend(before);
    let session = request.get_session();
    let (made, session) = (made.entries(), session.entries());
    !ptr::eq(&raw const *made, &raw const *session)
}

use std::error::Error as StdError;

use async_trait::async_trait;

/// Any error: what an app's closures may fail with.
///
/// ```
/// use restante::{BoxError, UserId};
///
/// fn user_of(token: Option<&str>) -> Result<Option<UserId>, BoxError> {
///     Ok(token.map(UserId::new).transpose()?)
/// }
/// assert!(user_of(Some("*")).is_err());
/// ```
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a session could not be read or written.
pub type SessionError = BoxError;

/// One user's session, as far as flash messages go: a text under the key `_messages`, signed, of any
/// length. An implementation is shown at `Sessions`.
#[async_trait]
pub trait SessionText: Send + Sync + 'static {
    /// The text, if there is one. On an error the session is left alone and the cookie does what it
    /// can.
    async fn load(&self) -> Result<Option<String>, SessionError>;

    /// Puts the text there; `None` removes it. A session without one must not count as changed when
    /// it is removed.
    async fn save(&self, text: Option<String>) -> Result<(), SessionError>;
}

/// Where a request's session is found. Session layers leave it in the request's extensions.
///
/// For tower-sessions there are `TowerSessions` and `TowerSessions014`; here is one of an app's own:
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use restante::{Key, MessagesLayer, SessionError, SessionText, Sessions, async_trait};
///
/// /// What the app's own session layer leaves in the request's extensions.
/// #[derive(Clone, Default)]
/// struct Session(Arc<Mutex<Option<String>>>);
///
/// #[async_trait]
/// impl SessionText for Session {
///     async fn load(&self) -> Result<Option<String>, SessionError> {
///         Ok(self.0.lock().map_err(|_| "poisoned")?.clone())
///     }
///
///     async fn save(&self, text: Option<String>) -> Result<(), SessionError> {
///         *self.0.lock().map_err(|_| "poisoned")? = text;
///         Ok(())
///     }
/// }
///
/// struct OwnSessions;
///
/// impl Sessions for OwnSessions {
///     fn session(&self, extensions: &axum::http::Extensions) -> Option<Box<dyn SessionText>> {
///         Some(Box::new(extensions.get::<Session>()?.clone()))
///     }
/// }
///
/// let layer = MessagesLayer::new(Key::generate()).with_session(OwnSessions);
/// # let _ = layer;
/// ```
#[cfg(feature = "axum")]
pub trait Sessions: Send + Sync + 'static {
    /// The request's session; `None` when the session layer is missing, inside the messages layer,
    /// or of another version.
    fn session(&self, extensions: &http::Extensions) -> Option<Box<dyn SessionText>>;

    /// Whether there is one. Asked for every request, so worth more than this when `session` makes
    /// something.
    fn has_session(&self, extensions: &http::Extensions) -> bool {
        self.session(extensions).is_some()
    }
}

use std::error::Error as StdError;

use async_trait::async_trait;

/// Why a session could not be read or written.
pub type SessionError = Box<dyn StdError + Send + Sync>;

/// One user's session, as far as flash messages go: a text under the key `_messages`.
#[async_trait]
pub trait SessionText: Send + Sync + 'static {
    /// The text, if there is one.
    async fn load(&self) -> Result<Option<String>, SessionError>;

    /// Puts the text there; `None` removes it. A session without one must not count as changed when
    /// it is removed.
    async fn save(&self, text: Option<String>) -> Result<(), SessionError>;
}

/// Where a request's session is found. Session layers leave it in the request's extensions.
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

//! The sessions of tower-sessions, in the two versions that are in use.

use async_trait::async_trait;

use crate::flash::{SESSION_KEY, SessionError, SessionText, Sessions};

/// The two versions have one interface and unrelated types.
macro_rules! tower_sessions {
    ($name:ident, $core:ident, $version:literal, $crate_name:literal) => {
        #[doc = concat!("The session of a request, by tower-sessions ", $version, ": its layer ")]
        /// must be outside of the messages layer. For
        /// [`with_session`](crate::MessagesLayer::with_session).
        ///
        /// ```
        #[doc = concat!("use restante::{Key, MessagesLayer, ", stringify!($name), "};")]
        #[doc = concat!("use ", $crate_name, "::{MemoryStore, SessionManagerLayer};")]
        ///
        /// let sessions = SessionManagerLayer::new(MemoryStore::default());
        #[doc = concat!("let messages = MessagesLayer::new(Key::generate()).with_session(", stringify!($name), ");")]
        /// // The one added last is outside.
        /// let app: axum::Router = axum::Router::new().layer(messages).layer(sessions);
        /// # let _ = app;
        /// ```
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name;

        impl Sessions for $name {
            fn session(&self, extensions: &http::Extensions) -> Option<Box<dyn SessionText>> {
                let session = extensions.get::<$core::Session>()?;
                Some(Box::new(session.clone()))
            }

            fn has_session(&self, extensions: &http::Extensions) -> bool {
                extensions.get::<$core::Session>().is_some()
            }
        }

        #[async_trait]
        impl SessionText for $core::Session {
            async fn load(&self) -> Result<Option<String>, SessionError> {
                let value = self.get_value(SESSION_KEY).await?;
                // Something else under our key is handed on as text, which no signature matches.
                Ok(value
                    .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            }

            async fn save(&self, text: Option<String>) -> Result<(), SessionError> {
                match text {
                    Some(text) => self.insert(SESSION_KEY, text).await?,
                    None if self.get_value(SESSION_KEY).await?.is_some() => {
                        self.remove_value(SESSION_KEY).await?;
                    }
                    // Removing what is not there would mark the session as changed.
                    None => {}
                }
                Ok(())
            }
        }
    };
}

#[cfg(feature = "tower-sessions")]
tower_sessions!(TowerSessions, tower_sessions_core, "0.15", "tower_sessions");
#[cfg(feature = "tower-sessions-014")]
tower_sessions!(TowerSessions014, tower_sessions_core_014, "0.14", "tower_sessions_014");

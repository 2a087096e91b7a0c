use std::collections::HashMap;
use std::fmt;
#[cfg(any(feature = "axum", feature = "actix-session"))]
use std::sync::{Arc, Once};

#[cfg(feature = "axum")]
use super::Sessions;
use super::codec::Carried;
#[cfg(feature = "django")]
use super::codec::django::{self, DjangoKey};
use super::cookie::{self, Brought, Keep, Packed};
use super::cookie_settings::CookieSettings;
use super::{FindUser, Key};
use crate::{Level, Restante};

/// What an adapter is configured with. Shared by all requests.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) key: Key,
    /// Where the cookie is a Django site's too. The session is not: its text stays our own.
    #[cfg(feature = "django")]
    pub(crate) django: Option<DjangoKey>,
    pub(crate) cookie: CookieSettings,
    pub(crate) min_level: Level,
    /// Levels that are kept until read although the message does not ask for it.
    pub(crate) store_levels: Vec<Level>,
    /// Tags of levels, in front of the usual ones.
    pub(crate) level_tags: HashMap<Level, String>,
    pub(crate) restante: Option<Restante>,
    pub(crate) find_user: Option<FindUser>,
    /// Where axum's requests have their sessions.
    #[cfg(feature = "axum")]
    pub(crate) sessions: Option<Arc<dyn Sessions>>,
    /// Whether actix-web's requests have the session of actix-session.
    #[cfg(feature = "actix-session")]
    pub(crate) actix_session: bool,
    /// Whether everything goes to the session, and the cookie is only for when there is none.
    pub(crate) session_only: bool,
    /// So that a missing session layer is named once and not with every request.
    #[cfg(any(feature = "axum", feature = "actix-session"))]
    missing_session: Arc<Once>,
}

impl Settings {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            key,
            #[cfg(feature = "django")]
            django: None,
            cookie: CookieSettings::default(),
            min_level: Level::INFO,
            store_levels: vec![
                Level::STORED_DEBUG,
                Level::STORED_INFO,
                Level::STORED_SUCCESS,
                Level::STORED_WARNING,
                Level::STORED_ERROR,
            ],
            level_tags: HashMap::new(),
            restante: None,
            find_user: None,
            #[cfg(feature = "axum")]
            sessions: None,
            #[cfg(feature = "actix-session")]
            actix_session: false,
            session_only: false,
            #[cfg(any(feature = "axum", feature = "actix-session"))]
            missing_session: Arc::new(Once::new()),
        }
    }

    /// Whether what is written to the request's session lasts. Asked before the handler: a session
    /// layer further in is done when the response gets here, and what it is told then is lost.
    #[cfg(feature = "axum")]
    pub(crate) fn has_session(&self, extensions: &http::Extensions) -> bool {
        let Some(sessions) = &self.sessions else { return false };
        let has_session = sessions.has_session(extensions);
        if !has_session {
            self.miss_session();
        }
        has_session
    }

    /// Says, once, that there is no session where there should be one.
    #[cfg(any(feature = "axum", feature = "actix-session"))]
    pub(crate) fn miss_session(&self) {
        self.missing_session.call_once(|| {
            tracing::error!(
                "no session was found, so messages that the cookie cannot hold are not kept: \
                 the session layer must be outside of the messages layer, so added after it, \
                 and of the version that `with_session` names"
            );
        });
    }

    /// What the cookie's value holds.
    pub(super) fn unpack_cookie(&self, value: &str) -> Brought {
        #[cfg(feature = "django")]
        if let Some(key) = &self.django {
            return django::unpack(key, value);
        }
        cookie::unpack(&self.key, &self.cookie.name, value)
    }

    /// As many messages as the cookie's limit allows.
    pub(super) fn pack_cookie(&self, messages: &[Carried], keep: Keep, complete: bool) -> Packed {
        let limit = self.cookie.limit;
        #[cfg(feature = "django")]
        if let Some(key) = &self.django {
            return django::pack(key, messages, limit, keep, complete);
        }
        cookie::pack(messages, limit, keep, complete)
    }

    /// The level's tag: the app's own, or the usual one.
    pub(super) fn level_tag(&self, level: Level) -> &str {
        self.level_tags.get(&level).map_or(level.tag(), String::as_str)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("key", &self.key)
            .field("cookie", &self.cookie)
            .field("min_level", &self.min_level)
            .field("store_levels", &self.store_levels)
            .field("has_store", &self.restante.is_some())
            .finish_non_exhaustive()
    }
}

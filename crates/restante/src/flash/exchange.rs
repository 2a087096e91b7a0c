//! One request's messages: what it brought, what is said while it is handled, what a page took.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use http::header::{COOKIE, HeaderName};

use super::codec::Carried;
use super::cookie::{self, Brought};
use super::cookie_settings::CookieSettings;
use super::{FlashRequest, MessagesRejection, SessionText, Settings, UserSource};
use crate::headers::Headers;
use crate::{Error, Inbox, ItemId, Level, Message, User};

/// The key of the session's text.
pub(crate) const SESSION_KEY: &str = "_messages";

/// How a request is told from one whose answer nobody sees yet.
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PREFETCH: &[u8] = b"prefetch";

/// One request and its response. Small, because most requests have nothing to do with messages.
pub(crate) struct Exchange {
    pub(super) settings: Arc<Settings>,
    /// Whether the session layer is outside of ours, so that what is written there lasts.
    has_session: bool,
    /// The response's head is on its way: what is said now comes too late.
    is_finished: AtomicBool,
    /// Begins when an extractor first sees the request.
    begun: OnceLock<Box<Begun>>,
}

/// What there is of a request that has to do with messages. Nothing of it is parsed before somebody
/// reads.
#[derive(Default)]
struct Begun {
    state: Mutex<State>,
    /// Locked while somebody waits for the look-up, so that it is done once.
    user: tokio::sync::Mutex<UserSource>,
    is_prefetch: bool,
}

#[derive(Default)]
pub(super) struct State {
    /// The value of the request's cookie; empty without one.
    value: String,
    /// What it brought, once somebody looked.
    pub(super) cookie: Option<Brought>,
    pub(super) session: SessionPart,
    pub(super) session_handle: Option<Arc<dyn SessionText>>,
    /// Said in this request, in order.
    pub(super) queued: Vec<Queued>,
    /// Other than the layer's.
    min_level: Option<Level>,
    /// What `take` handed out.
    pub(super) taken: Option<Handed>,
    pub(super) cleared: bool,
    /// Who signed in or out in this request.
    user_set: Option<UserSource>,
    /// The newest answer to who is asking; not looked at before somebody needs it.
    newest_user: Option<UserSource>,
    is_user_known: bool,
}

/// What was in the session.
#[derive(Default)]
pub(super) enum SessionPart {
    /// Nobody looked yet.
    #[default]
    Unread,
    /// It could not be read; it is left alone.
    Failed,
    Read(Brought),
}

/// A message that was said in this request.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) carried: Carried,
    /// Whether it is to be kept until read.
    pub(super) stored: bool,
}

/// What a page was given.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// Whether it was given anything at all.
    pub(super) any: bool,
    /// How many of the queued ones.
    pub(super) queued: usize,
    /// Which items, of whose inbox: somebody may sign in or out between two looks.
    pub(super) items: Vec<(Inbox, Vec<ItemId>)>,
}

impl Exchange {
    pub(crate) fn new(settings: Arc<Settings>, has_session: bool) -> Self {
        let is_finished = AtomicBool::new(false);
        Self { settings, has_session, is_finished, begun: OnceLock::new() }
    }

    fn begun(&self) -> &Begun {
        self.begun.get_or_init(Box::default)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Every change below is whole when the lock is given back.
        self.begun().state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether any extractor has seen the request.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.get().is_some()
    }

    pub(super) fn is_prefetch(&self) -> bool {
        self.begun().is_prefetch
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::Acquire)
    }

    pub(super) fn set_finished(&self) {
        self.is_finished.store(true, Ordering::Release);
    }

    /// An extractor has seen the request as it is now: who is asking may be known by now.
    pub(crate) fn see(&self, request: &impl FlashRequest) {
        let settings = &self.settings;
        self.begun.get_or_init(|| Box::new(Begun::of(request.headers(), &settings.cookie)));
        if self.has_session {
            let mut state = self.state();
            if state.session_handle.is_none() {
                state.session_handle = request.session(settings);
            }
        }
        let (Some(find_user), Some(_)) = (&settings.find_user, &settings.restante) else { return };
        let is_known = {
            let state = self.state();
            state.is_user_known || state.newest_user.as_ref().is_some_and(UserSource::is_known)
        };
        if !is_known {
            let answer = find_user.ask(request);
            self.state().newest_user = Some(answer);
        }
    }

    /// Queues a message, unless it is empty or below the level that is shown. Bad parts other than
    /// the text are left out and logged: what is said matters more.
    pub(crate) fn add(&self, message: Message) {
        let Some(message) = message.for_flash() else { return };
        let mut state = self.state();
        if message.level() < state.min_level.unwrap_or(self.settings.min_level) {
            return;
        }
        if self.is_finished() {
            drop(state);
            tracing::warn!(text = message.text(), "said after the response had left: it is lost");
            return;
        }
        let stored = message.is_stored() || self.settings.store_levels.contains(&message.level());
        #[cfg(feature = "django")]
        if self.settings.django.is_some()
            && !stored
            && (message.link().is_some() || message.raw_data().is_some())
        {
            let text = message.text();
            tracing::warn!(text, "Django's cookie has no place for a message's url or data");
        }
        let message = message.with_stored(stored);
        state.queued.push(Queued { carried: Carried { message, safe: false }, stored });
    }

    pub(crate) fn set_min_level(&self, level: Option<Level>) {
        self.state().min_level = level;
    }

    pub(crate) fn min_level(&self) -> Level {
        self.state().min_level.unwrap_or(self.settings.min_level)
    }

    /// Gives back what was taken: it is shown again by the next page.
    pub(crate) fn keep(&self) {
        self.state().taken = None;
    }

    /// Drops flash messages, whether the request brought them or they were said in it. Stored ones
    /// stay.
    pub(crate) fn clear(&self) {
        let state = &mut *self.state();
        state.cleared = true;
        if let Some(taken) = &mut state.taken {
            let handed = state.queued.iter().take(taken.queued);
            taken.queued = handed.filter(|queued| queued.stored).count();
        }
        state.queued.retain(|queued| queued.stored);
    }

    /// Who is asking from here on, whatever the request says.
    pub(crate) fn set_user(&self, user: Option<User>) {
        self.state().user_set = Some(user.map_or(UserSource::Nobody, UserSource::Known));
    }

    /// Whether there is a store.
    pub(crate) fn has_store(&self) -> bool {
        self.settings.restante.is_some()
    }

    /// The inbox of who is asking, for a handler that cannot do without a store.
    pub(crate) async fn signed_in(&self) -> Result<Option<Inbox>, MessagesRejection> {
        if !self.has_store() {
            return Err(MessagesRejection::MissingStore);
        }
        self.inbox().await.map_err(|error| {
            tracing::error!(%error, "with_user gave an id that cannot be used");
            MessagesRejection::BadUser
        })
    }

    /// The inbox of who is asking: `None` when nobody is signed in or there is no store.
    pub(crate) async fn inbox(&self) -> Result<Option<Inbox>, Error> {
        let Some(restante) = &self.settings.restante else { return Ok(None) };
        let set = self.state().user_set.as_ref().map(UserSource::known);
        let user = match set {
            Some(user) => user,
            None => self.user().await,
        };
        user.map(|user| restante.inbox(user)).transpose()
    }

    /// Who is asking. Nobody is asked again as soon as an extractor has seen more of the request: a
    /// middleware outside of the one that signs in must not decide it for the handler.
    async fn user(&self) -> Option<User> {
        let mut source = self.begun().user.lock().await;
        loop {
            if let Some(user) = source.user().await {
                self.state().is_user_known = true;
                return Some(user);
            }
            let newest = self.state().newest_user.take()?;
            *source = newest;
        }
    }

    /// What the cookie brought, read at the first need.
    pub(super) fn read_cookie<'s>(&self, state: &'s mut State) -> &'s Brought {
        let State { value, cookie, .. } = state;
        cookie.get_or_insert_with(|| self.settings.unpack_cookie(value))
    }

    /// Reads the session, where there is one that has not been read.
    pub(super) async fn read_session(&self) {
        let handle = {
            let state = self.state();
            match (&state.session, &state.session_handle) {
                (SessionPart::Unread, Some(handle)) => Arc::clone(handle),
                _ => return,
            }
        };
        let part = match handle.load().await {
            Ok(text) => {
                let text = text.unwrap_or_default();
                SessionPart::Read(cookie::unpack(&self.settings.key, SESSION_KEY, &text))
            }
            Err(error) => {
                tracing::warn!(error = &*error, "the session's messages could not be read");
                SessionPart::Failed
            }
        };
        self.state().session = part;
    }
}

impl Begun {
    fn of(headers: &impl Headers, cookie: &CookieSettings) -> Self {
        let purpose = headers.first(SEC_PURPOSE).unwrap_or_default();
        let is_prefetch = purpose.windows(PREFETCH.len()).any(|part| part == PREFETCH);
        let value = headers.all(COOKIE).rev().find_map(|header| cookie.find(header));
        let value = value.unwrap_or_default().to_owned();
        let state = Mutex::new(State { value, ..State::default() });
        Self { state, is_prefetch, ..Self::default() }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("settings", &self.settings).finish_non_exhaustive()
    }
}

//! One request's messages: what it brought, what is said while it is handled, what a page took.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderValue;

use super::codec::Carried;
use super::cookie::{self, Brought};
use super::{SessionText, Settings, Shown, Taken, UserSource};
use crate::{Error, Filter, Inbox, Item, ItemId, Level, Message, User};

/// The key of the session's text.
pub(crate) const SESSION_KEY: &str = "_messages";
/// Most stored messages that one page takes.
const STORED: usize = 20;
/// How far back a page looks for the oldest unread ones.
const LOOK_BACK: usize = 1_000;

/// One request and its response. Cheap to make: nothing is read before somebody asks.
pub(crate) struct Exchange {
    pub(super) settings: Arc<Settings>,
    state: Mutex<State>,
    /// Locked while somebody waits for the look-up, so that it is done once.
    user: tokio::sync::Mutex<UserSource>,
}

pub(super) struct State {
    /// The request's `Cookie` headers.
    pub(super) cookies: Vec<HeaderValue>,
    /// What they brought, once somebody looked.
    pub(super) brought: Option<Brought>,
    pub(super) has_cookie: bool,
    /// What was in the session, once somebody looked.
    pub(super) session: Option<Brought>,
    pub(super) session_handle: Option<Arc<dyn SessionText>>,
    /// Said in this request, in order.
    pub(super) queued: Vec<Queued>,
    pub(super) min_level: Level,
    /// What the last `take` handed out.
    pub(super) taken: Option<Handed>,
    pub(super) cleared: bool,
    /// Who signed in or out in this request.
    pub(super) user_set: Option<Option<User>>,
}

/// A message that was said in this request.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) carried: Carried,
    /// Whether it is to be kept until read.
    pub(super) stored: bool,
}

/// What a page was given.
#[derive(Clone, Debug)]
pub(super) struct Handed {
    /// How many of the queued ones.
    pub(super) queued: usize,
    /// Which items of the inbox.
    pub(super) items: Vec<ItemId>,
}

impl Exchange {
    pub(crate) fn new(settings: Arc<Settings>, cookies: Vec<HeaderValue>) -> Self {
        let min_level = settings.min_level;
        let state = State {
            cookies,
            brought: None,
            has_cookie: false,
            session: None,
            session_handle: None,
            queued: Vec::new(),
            min_level,
            taken: None,
            cleared: false,
            user_set: None,
        };
        Self { settings, state: Mutex::new(state), user: tokio::sync::Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Every change below is whole when the lock is given back.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is nothing to do for the response.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.state();
        state.queued.is_empty()
            && state.taken.is_none()
            && !state.cleared
            && state.brought.is_none()
    }

    /// An extractor has seen the request as it is now: who is asking may be known by now.
    pub(crate) fn see(&self, parts: &http::request::Parts) {
        if let Some(sessions) = &self.settings.sessions {
            let mut state = self.state();
            if state.session_handle.is_none() {
                state.session_handle = sessions.session(&parts.extensions).map(Arc::from);
            }
        }
        if let Some(find_user) = &self.settings.find_user {
            // Somebody waiting for the look-up has a newer answer on its way.
            if let Ok(mut user) = self.user.try_lock() {
                if user.is_nobody() {
                    *user = find_user(parts);
                }
            }
        }
    }

    /// Queues a message, unless it is empty or below the level that is shown. Bad parts other than
    /// the text are left out and logged: what is said matters more.
    pub(crate) fn add(&self, message: Message) {
        let Some(message) = message.for_flash() else { return };
        let mut state = self.state();
        if message.level() < state.min_level {
            return;
        }
        let stored = message.is_stored() || self.settings.store_levels.contains(&message.level());
        let message = message.with_stored(stored);
        state.queued.push(Queued { carried: Carried { message, safe: false }, stored });
    }

    pub(crate) fn set_min_level(&self, level: Option<Level>) {
        self.state().min_level = level.unwrap_or(self.settings.min_level);
    }

    pub(crate) fn min_level(&self) -> Level {
        self.state().min_level
    }

    /// Gives back what was taken: it is shown again by the next page.
    pub(crate) fn keep(&self) {
        self.state().taken = None;
    }

    /// Drops flash messages, whether the request brought them or they were said in it. Stored ones
    /// stay.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        state.cleared = true;
        state.queued.retain(|queued| queued.stored);
        self.read_cookie(&mut state);
    }

    /// Who is asking from here on, whatever the request says.
    pub(crate) fn set_user(&self, user: Option<User>) {
        self.state().user_set = Some(user);
    }

    /// Whether there is a store.
    pub(crate) fn has_store(&self) -> bool {
        self.settings.restante.is_some()
    }

    /// The inbox of who is asking: `None` when nobody is signed in or there is no store.
    pub(crate) async fn inbox(&self) -> Result<Option<Inbox>, Error> {
        let Some(restante) = &self.settings.restante else { return Ok(None) };
        let set = self.state().user_set.clone();
        let user = match set {
            Some(user) => user,
            None => self.user.lock().await.user().await,
        };
        user.map(|user| restante.inbox(user)).transpose()
    }

    /// What the cookie brought, read at the first need.
    pub(super) fn read_cookie<'s>(&self, state: &'s mut State) -> &'s mut Brought {
        let State { cookies, brought, has_cookie, .. } = state;
        brought.get_or_insert_with(|| {
            let settings = &self.settings.cookie;
            let texts = cookies.iter().rev().filter_map(|header| header.to_str().ok());
            let value = texts.filter_map(|text| settings.find(text)).next();
            *has_cookie = value.is_some_and(|value| !value.is_empty());
            cookie::unpack(&self.settings.key, &settings.name, value.unwrap_or_default())
        })
    }

    /// Reads the session, if sessions are configured and it has not been read.
    pub(super) async fn read_session(&self) {
        if self.settings.sessions.is_none() {
            return;
        }
        let handle = {
            let state = self.state();
            if state.session.is_some() {
                return;
            }
            state.session_handle.clone()
        };
        let loaded = match &handle {
            Some(handle) => match handle.load().await {
                Ok(text) => {
                    let text = text.unwrap_or_default();
                    cookie::unpack(&self.settings.key, SESSION_KEY, &text)
                }
                Err(error) => {
                    tracing::warn!(%error, "the session's messages could not be read");
                    Brought { complete: false, ..Brought::default() }
                }
            },
            None => Brought { complete: true, ..Brought::default() },
        };
        self.state().session.get_or_insert(loaded);
    }

    /// What is to be shown. Nothing counts as taken before the end, so that a caller who gives up
    /// has taken nothing.
    pub(crate) async fn take(&self, consume: bool) -> Taken {
        self.read_session().await;
        let (items, unread, stored_complete) = self.unread_items().await;
        let mut state = self.state();
        let settings = &self.settings;
        let mut taken = Taken { shown: Vec::new(), unread, complete: stored_complete };
        if !state.cleared {
            let brought = self.read_cookie(&mut state);
            let has_session = self.settings.sessions.is_some();
            taken.complete &= brought.complete || has_session;
            let flash = |carried: &Carried| Shown::flash(settings, carried);
            taken.shown.extend(brought.messages.iter().map(flash));
            if let Some(session) = &state.session {
                taken.complete &= session.complete;
                taken.shown.extend(session.messages.iter().map(flash));
            }
        }
        let queued = state.queued.iter().map(|queued| Shown::flash(settings, &queued.carried));
        taken.shown.extend(queued);
        taken.shown.extend(items.iter().map(|item| Shown::stored(settings, item)));
        if consume {
            state.taken = Some(Handed {
                queued: state.queued.len(),
                items: items.iter().map(|item| item.id).collect(),
            });
        }
        taken
    }

    /// The oldest unread stored messages, oldest first; how many more there are; and whether the
    /// store could be asked.
    async fn unread_items(&self) -> (Vec<Item>, u64, bool) {
        let found = match self.inbox().await {
            Ok(Some(inbox)) => oldest_unread(&inbox).await,
            Ok(None) => return (Vec::new(), 0, true),
            Err(error) => Err(error),
        };
        match found {
            Ok((items, unread)) => {
                let more = unread.saturating_sub(items.len() as u64);
                (items, more, true)
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "stored messages could not be read; the page goes without");
                (Vec::new(), 0, false)
            }
        }
    }
}

async fn oldest_unread(inbox: &Inbox) -> Result<(Vec<Item>, u64), Error> {
    let mut filter = Filter::unread().limit(STORED);
    let first = inbox.list(filter.clone()).await?;
    let (unread, mut items, mut next) = (first.unread, first.items, first.next);
    filter.limit = crate::limits::PAGE_ITEMS;
    while let (Some(cursor), true) = (next, items.len() < LOOK_BACK) {
        let page = inbox.list(filter.clone().after(cursor)).await?;
        items.extend(page.items);
        next = page.next;
    }
    items.reverse();
    items.truncate(STORED);
    Ok((items, unread))
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("settings", &self.settings).finish_non_exhaustive()
    }
}

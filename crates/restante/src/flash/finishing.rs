//! What the response must set, and what must be stored because of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tracing::Instrument;

use super::codec::Carried;
use super::cookie::{self, Keep, Packed};
use super::exchange::{Exchange, SESSION_KEY, SessionPart};
use super::{SessionText, Settings};
use crate::{Inbox, ItemId, Restante, UserId};

/// What is known of request and response when it is decided whether anything was shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) status: u16,
    pub(crate) is_head: bool,
    /// Whether the session still takes what is written to it.
    pub(crate) keeps_session: bool,
}

impl Facts {
    /// Whether somebody saw the response's page. A redirect has none, an error of the server's
    /// replaces it, HEAD asks for none, a prefetched page may never be looked at.
    fn shows(self, is_prefetch: bool) -> bool {
        let has_page = matches!(self.status, 200..=299 | 400..=499);
        has_page && !self.is_head && !is_prefetch
    }
}

/// The `Cache-Control` of a response that showed messages, unless the handler set one.
pub(crate) const UNCACHED: &str = "private, no-store";

/// What the response is to be given.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// A `Set-Cookie` header.
    pub(crate) set_cookie: Option<String>,
    /// Whether messages were shown, so that no cache may keep the page.
    pub(crate) has_shown: bool,
}

/// How a request ends: at once, or when store or session were asked.
pub(crate) enum Ending {
    /// The response stays as it is.
    Idle,
    Now(Outcome),
    Later(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

/// What is left to do once the response is there.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the request")]
struct Work {
    /// What the request brought and nobody saw yet.
    arrived: Vec<Carried>,
    /// What was said in it and goes to the next one.
    added: Vec<Carried>,
    /// What was said in it and is to be stored; whether it was shown in this response already.
    stored: Vec<(Carried, bool)>,
    /// To be marked read.
    read: Vec<(Inbox, Vec<ItemId>)>,
    has_shown: bool,
    /// Whether what the request brought goes: it was shown, or cleared.
    drops_arrived: bool,
    /// Whether something that the request should have brought is missing and nobody was told.
    is_cut: bool,
    /// Whether cookie and session hold something else than what is left.
    is_changed: bool,
    had_cookie: bool,
    session: Option<SessionState>,
}

/// The session and what is known of it.
struct SessionState {
    handle: Arc<dyn SessionText>,
    is_read: bool,
    /// Whether there is something under our key.
    is_there: bool,
}

impl Exchange {
    /// Says what the response asks for. What is said afterwards comes too late.
    pub(crate) fn finish(self: &Arc<Self>, facts: Facts) -> Ending {
        self.set_finished();
        if !self.has_begun() {
            return Ending::Idle;
        }
        let Some(work) = self.work(facts) else { return Ending::Idle };
        let has_io = !work.stored.is_empty() || !work.read.is_empty();
        let needs_session = work.session.is_some() && work.is_changed;
        if !has_io && !needs_session {
            let packed = work.is_changed.then(|| self.pack(&work, Keep::Newest));
            let is_full = packed.as_ref().is_some_and(|packed| !packed.left_out.is_empty());
            if !is_full || self.settings.restante.is_none() {
                let set_cookie = packed.and_then(|packed| self.only_cookie(&work, packed));
                return Ending::Now(Outcome { set_cookie, has_shown: work.has_shown });
            }
        }
        let exchange = Arc::clone(self);
        Ending::Later(Box::pin(async move { exchange.carry_out(work).await }))
    }

    /// What is left to do; `None` when nothing is.
    fn work(&self, facts: Facts) -> Option<Work> {
        let mut state = self.state();
        let is_idle = state.queued.is_empty() && state.taken.is_none() && !state.cleared;
        if is_idle && state.cookie.is_none() {
            return None;
        }
        let taken = state.taken.take().filter(|_| facts.shows(self.is_prefetch()));
        let drops_arrived = taken.is_some() || state.cleared;
        let taken = taken.unwrap_or_default();
        let cookie = self.read_cookie(&mut state);
        let (had_cookie, mut is_changed) = (cookie.is_there, cookie.tampered);
        let handle = state.session_handle.clone().filter(|_| facts.keeps_session);
        let mut session =
            handle.map(|handle| SessionState { handle, is_read: false, is_there: false });
        match (&state.session, &mut session) {
            (SessionPart::Read(brought), Some(session)) => {
                session.is_read = true;
                session.is_there = brought.is_there;
                is_changed |= brought.tampered;
            }
            (SessionPart::Failed, session) => *session = None,
            (SessionPart::Read(_) | SessionPart::Unread, _) => {}
        }
        let is_there = |session: &SessionState| session.is_there || !session.is_read;
        is_changed |= drops_arrived && (had_cookie || session.as_ref().is_some_and(is_there));
        let mut work = Work {
            arrived: Vec::new(),
            added: Vec::new(),
            stored: Vec::new(),
            read: taken.items,
            has_shown: taken.any,
            drops_arrived,
            is_cut: !drops_arrived && state.is_arrival_cut(),
            is_changed,
            had_cookie,
            session,
        };
        if !drops_arrived {
            work.arrived.extend(state.arrived().cloned());
        }
        // Copied, because a body that streams may still look at them.
        for (at, queued) in state.queued.iter().enumerate() {
            let was_shown = at < taken.queued;
            if queued.stored {
                work.stored.push((queued.carried.clone(), was_shown));
            } else if !was_shown {
                work.added.push(queued.carried.clone());
                work.is_changed = true;
            }
        }
        Some(work)
    }

    async fn carry_out(&self, mut work: Work) -> Outcome {
        if !work.stored.is_empty() {
            self.store(&mut work).await;
        }
        // Not where the client's leaving cannot break it off: who has left has seen nothing.
        for (inbox, ids) in std::mem::take(&mut work.read) {
            if let Err(error) = inbox.mark_read_many(&ids).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "shown messages could not be marked read; they come again");
            }
        }
        let has_shown = work.has_shown;
        let set_cookie = if work.is_changed { self.write(work).await } else { None };
        Outcome { set_cookie, has_shown }
    }

    /// Stores what is to be stored; what cannot be goes to the cookie.
    async fn store(&self, work: &mut Work) {
        let stored = std::mem::take(&mut work.stored);
        let failed = match self.inbox_if_any().await {
            Some(inbox) => {
                let Sendings { failed, shown } = self.send_all(inbox.user(), stored).await;
                if !shown.is_empty() {
                    work.read.push((inbox, shown));
                }
                failed
            }
            None => stored,
        };
        let unseen = failed.into_iter().filter(|(_, was_shown)| !was_shown);
        let before = work.added.len();
        work.added.extend(unseen.map(|(carried, _)| carried));
        work.is_changed |= work.added.len() > before;
    }

    async fn inbox_if_any(&self) -> Option<Inbox> {
        self.inbox().await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the user's id cannot be used; taken for nobody");
            None
        })
    }

    /// Writes what is left to cookie and session and gives the header.
    async fn write(&self, mut work: Work) -> Option<String> {
        if let Some(session) = work.session.take() {
            return match self.write_session(&mut work, session).await {
                Ok(header) => header,
                Err(Unwritten) => self.write_cookie(work).await,
            };
        }
        self.write_cookie(work).await
    }

    /// Writes the oldest to the cookie and the rest to the session.
    async fn write_session(
        &self,
        work: &mut Work,
        mut session: SessionState,
    ) -> Result<Option<String>, Unwritten> {
        let mut packed = self.pack(work, Keep::Oldest);
        let needs_session = work.is_cut || work.drops_arrived || !packed.left_out.is_empty();
        if !session.is_read && (needs_session || self.settings.session_only) {
            // What is there must not be written over.
            self.read_session().await;
            let state = self.state();
            let SessionPart::Read(brought) = &state.session else { return Err(Unwritten) };
            session.is_there = brought.is_there;
            if !work.drops_arrived {
                work.arrived = state.arrived().cloned().collect();
                work.is_cut = state.is_arrival_cut();
                drop(state);
                packed = self.pack(work, Keep::Oldest);
            }
        }
        let in_cookie = if self.settings.session_only {
            0
        } else {
            work.left().count() - packed.left_out.len()
        };
        let left: Vec<Carried> = work.left().skip(in_cookie).cloned().collect();
        if !left.is_empty() || session.is_there {
            let text = (!left.is_empty()).then(|| {
                let packed = cookie::pack(&left, 0, Keep::Oldest, !work.is_cut);
                packed.value(&self.settings.key, SESSION_KEY)
            });
            if let Err(error) = session.handle.save(text).await {
                tracing::warn!(error = &*error, "the session's messages could not be written");
                // What could not be removed is shown again, what could not be added must not vanish.
                if !left.is_empty() {
                    return Err(Unwritten);
                }
            }
        }
        if self.settings.session_only {
            return Ok(work.had_cookie.then(|| self.settings.cookie.delete()));
        }
        Ok(self.header(work, packed))
    }

    /// Writes the newest to the cookie. What it cannot hold is stored for a signed-in user;
    /// otherwise it goes.
    async fn write_cookie(&self, mut work: Work) -> Option<String> {
        let packed = self.pack(&work, Keep::Newest);
        if packed.left_out.is_empty() {
            return self.header(&work, packed);
        }
        let Some(inbox) = self.inbox_if_any().await else {
            return self.only_cookie(&work, packed);
        };
        let is_left_out = |at: usize| packed.left_out.binary_search(&at).is_ok();
        let messages = work.left().cloned().enumerate();
        let (out, kept): (Vec<_>, Vec<_>) = messages.partition(|(at, _)| is_left_out(*at));
        let out = out.into_iter().map(|(_, carried)| (carried, false)).collect();
        let dropped = self.send_all(inbox.user(), out).await.failed.len();
        if dropped > 0 {
            tracing::warn!(dropped, "messages were lost: neither cookie nor store took them");
            work.is_cut = true;
        }
        work.arrived.clear();
        work.added = kept.into_iter().map(|(_, carried)| carried).collect();
        let packed = self.pack(&work, Keep::Newest);
        self.header(&work, packed)
    }

    /// The header where the cookie is all there is.
    fn only_cookie(&self, work: &Work, packed: Packed) -> Option<String> {
        let dropped = packed.left_out.len();
        if dropped > 0 {
            tracing::warn!(dropped, "messages were lost: they did not fit the cookie");
        }
        self.header(work, packed)
    }

    fn header(&self, work: &Work, packed: Packed) -> Option<String> {
        let Settings { key, cookie, .. } = &*self.settings;
        // That something was lost is news too.
        if work.left().next().is_none() && !work.is_cut {
            return work.had_cookie.then(|| cookie.delete());
        }
        Some(cookie.set(&packed.value(key, &cookie.name)))
    }

    /// Sends to the inbox, in a task of its own: what was said to be stored is stored although the
    /// client leaves meanwhile.
    async fn send_all(&self, user: &UserId, messages: Vec<(Carried, bool)>) -> Sendings {
        let Some(restante) = self.settings.restante.clone() else {
            return Sendings { failed: messages, shown: Vec::new() };
        };
        let sending = send_all(restante, user.clone(), messages.clone()).in_current_span();
        tokio::spawn(sending).await.unwrap_or_else(|error| {
            tracing::error!(%error, "storing messages was broken off; they go to the cookie");
            Sendings { failed: messages, shown: Vec::new() }
        })
    }

    fn pack(&self, work: &Work, keep: Keep) -> Packed {
        let left: Vec<Carried>;
        // Nearly always one of the two is empty.
        let messages = match (&*work.arrived, &*work.added) {
            (messages, []) | ([], messages) => messages,
            _ => {
                left = work.left().cloned().collect();
                &left
            }
        };
        self.settings.pack_cookie(messages, keep, !work.is_cut)
    }
}

/// What came of messages that were to be stored.
struct Sendings {
    failed: Vec<(Carried, bool)>,
    /// Those that the very response that stores them has shown: they are archived as read.
    shown: Vec<ItemId>,
}

async fn send_all(restante: Restante, user: UserId, messages: Vec<(Carried, bool)>) -> Sendings {
    let mut sendings = Sendings { failed: Vec::new(), shown: Vec::new() };
    // One after the other: the inbox has them in the order in which they were said.
    for (carried, was_shown) in messages {
        match restante.send(carried.message.clone(), &user).await {
            Ok(sent) if was_shown => sendings.shown.push(ItemId::new(sent.id.value())),
            Ok(_) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "a message could not be stored");
                sendings.failed.push((carried, was_shown));
            }
        }
    }
    sendings
}

/// Neither cookie nor session were written: the session would not take it.
struct Unwritten;

impl Work {
    /// What is left for the next request, in order.
    fn left(&self) -> impl Iterator<Item = &Carried> {
        self.arrived.iter().chain(&self.added)
    }
}

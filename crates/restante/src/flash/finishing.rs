//! What the response must set, and what must be stored because of it.

use std::sync::Arc;

use super::codec::Carried;
use super::cookie::{self, Keep};
use super::exchange::{Exchange, SESSION_KEY};
use super::{SessionText, Settings};
use crate::{Inbox, ItemId, Message};

/// What is known of request and response when it is decided whether anything was shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) status: http::StatusCode,
    pub(crate) is_head: bool,
    pub(crate) is_prefetch: bool,
}

impl Facts {
    /// Whether somebody saw the response's page. A redirect has none, an error of the server's
    /// replaces it, HEAD asks for none, a prefetched page may never be looked at.
    fn shows(self) -> bool {
        let has_page = self.status.is_success() || self.status.is_client_error();
        has_page && !self.is_head && !self.is_prefetch
    }
}

/// What the response is to be given.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// A `Set-Cookie` header.
    pub(crate) set_cookie: Option<String>,
    /// Whether messages were shown, so that no cache may keep the page.
    pub(crate) has_shown: bool,
}

/// What is left to do once the response is there.
struct Work {
    /// Flash messages for the next request.
    flash: Vec<Carried>,
    /// To be stored; whether each was shown in this response already.
    stored: Vec<(Carried, bool)>,
    /// To be marked read.
    read: Vec<ItemId>,
    has_shown: bool,
    /// Whether cookie and session hold something else than what is left.
    is_changed: bool,
    had_cookie: bool,
    had_session: bool,
    session: Option<Arc<dyn SessionText>>,
}

impl Exchange {
    /// Does what the response asks for. To be called once.
    pub(crate) async fn finish(&self, facts: Facts) -> Outcome {
        // Without this the session's part would be forgotten or doubled.
        let needs_session = {
            let mut state = self.state();
            let adds = !state.queued.is_empty() || state.cleared;
            let cut = !self.read_cookie(&mut state).complete;
            adds && cut
        };
        if needs_session {
            self.read_session().await;
        }
        let mut work = self.work(facts);
        if !work.stored.is_empty() || !work.read.is_empty() {
            self.store(&mut work).await;
        }
        let mut outcome = Outcome { has_shown: work.has_shown, ..Outcome::default() };
        if work.is_changed {
            outcome.set_cookie = self.write(work).await;
        }
        outcome
    }

    fn work(&self, facts: Facts) -> Work {
        let mut state = self.state();
        let taken = state.taken.take().filter(|_| facts.shows());
        let brought = std::mem::take(self.read_cookie(&mut state));
        let session = state.session.take().unwrap_or_default();
        let (had_cookie, had_session) = (state.has_cookie, !session.messages.is_empty());
        let shown = taken.as_ref().map_or(0, |handed| handed.queued);
        let mut work = Work {
            flash: Vec::new(),
            stored: Vec::new(),
            read: Vec::new(),
            has_shown: taken.is_some(),
            is_changed: brought.tampered || session.tampered,
            had_cookie,
            had_session,
            session: state.session_handle.clone(),
        };
        let arrived = brought.messages.into_iter().chain(session.messages);
        if taken.is_some() || state.cleared {
            work.is_changed |= had_cookie || had_session;
        } else {
            work.flash.extend(arrived);
        }
        for (at, queued) in state.queued.drain(..).enumerate() {
            let was_shown = at < shown;
            if queued.stored {
                work.stored.push((queued.carried, was_shown));
            } else if !was_shown {
                work.flash.push(queued.carried);
                work.is_changed = true;
            }
        }
        work.read = taken.map(|handed| handed.items).unwrap_or_default();
        work
    }

    /// Stores and marks. Goes on when the client leaves meanwhile: what was said to be stored is.
    async fn store(&self, work: &mut Work) {
        let inbox = self.inbox().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the user's id cannot be used; messages stay in the cookie");
            None
        });
        let stored = std::mem::take(&mut work.stored);
        let Some(inbox) = inbox else {
            work.give_back(stored);
            return;
        };
        let (settings, read) = (Arc::clone(&self.settings), std::mem::take(&mut work.read));
        let writing =
            tokio::spawn(async move { write_store(&settings, &inbox, stored, read).await });
        match writing.await {
            Ok(failed) => work.give_back(failed),
            Err(error) => tracing::error!(%error, "storing messages was broken off"),
        }
    }

    /// Writes what is left to cookie and session and gives the header.
    async fn write(&self, work: Work) -> Option<String> {
        let Work { flash, session, had_session, had_cookie, .. } = work;
        let settings = &self.settings;
        let (limit, name) = (settings.cookie.limit, &*settings.cookie.name);
        let keep = if session.is_some() { Keep::Oldest } else { Keep::Newest };
        if flash.is_empty() {
            if let (Some(session), true) = (&session, had_session) {
                save(session.as_ref(), None).await;
            }
            return had_cookie.then(|| settings.cookie.delete());
        }
        let mut packed = cookie::pack(&settings.key, name, &flash, limit, keep, true);
        if let Some(session) = &session {
            let rest = flash.get(flash.len() - packed.left_out..).unwrap_or_default();
            let saved = if rest.is_empty() && !had_session {
                true
            } else {
                let text = (!rest.is_empty()).then(|| {
                    cookie::pack(&settings.key, SESSION_KEY, rest, 0, Keep::Oldest, true).value
                });
                save(session.as_ref(), text).await
            };
            if !saved {
                tracing::warn!(count = rest.len(), "oldest messages dropped: no session took them");
                packed = cookie::pack(&settings.key, name, &flash, limit, Keep::Newest, true);
            }
        } else if packed.left_out > 0 {
            if settings.sessions.is_some() {
                tracing::warn!(
                    "no session was found: its layer must be outside the messages layer and of \
                     the version that was named"
                );
            }
            packed = self.overflow(flash, packed).await;
        }
        Some(settings.cookie.set(&packed.value))
    }

    /// What a cookie alone cannot hold is stored for a signed-in user; otherwise the oldest go.
    async fn overflow(&self, flash: Vec<Carried>, packed: cookie::Packed) -> cookie::Packed {
        let settings = &self.settings;
        let pack = |messages: &[Carried], complete| {
            let (limit, name) = (settings.cookie.limit, &*settings.cookie.name);
            cookie::pack(&settings.key, name, messages, limit, Keep::Newest, complete)
        };
        let mut oldest = flash;
        let newest = oldest.split_off(packed.left_out);
        if let Ok(Some(inbox)) = self.inbox().await {
            let stored = oldest.iter().map(|carried| (carried.clone(), false)).collect();
            let settings = Arc::clone(settings);
            let writing =
                tokio::spawn(
                    async move { write_store(&settings, &inbox, stored, Vec::new()).await },
                );
            if writing.await.is_ok_and(|failed| failed.is_empty()) {
                return pack(&newest, true);
            }
        }
        tracing::warn!(count = oldest.len(), "oldest messages dropped: the cookie is full");
        pack(&newest, false)
    }
}

impl Work {
    /// What could not be stored is shown as flash, if it was not shown yet.
    fn give_back(&mut self, failed: Vec<(Carried, bool)>) {
        let unseen = failed.into_iter().filter(|(_, was_shown)| !was_shown);
        let before = self.flash.len();
        self.flash.extend(unseen.map(|(carried, _)| carried));
        self.is_changed |= self.flash.len() > before;
    }
}

/// Sends what is to be stored and marks what was shown; gives back what could not be sent.
async fn write_store(
    settings: &Settings,
    inbox: &Inbox,
    stored: Vec<(Carried, bool)>,
    mut read: Vec<ItemId>,
) -> Vec<(Carried, bool)> {
    let mut failed = Vec::new();
    let Some(restante) = &settings.restante else { return stored };
    for (carried, was_shown) in stored {
        let message: Message = carried.message.clone();
        match restante.send(message, inbox.user()).await {
            // Shown in the very response that stores it: archived as read.
            Ok(sent) if was_shown => read.push(ItemId::new(sent.id.value())),
            Ok(_) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "a message could not be stored and goes to the cookie");
                failed.push((carried, was_shown));
            }
        }
    }
    if let Err(error) = inbox.mark_read_many(&read).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "shown messages could not be marked read; they will be shown again");
    }
    failed
}

async fn save(session: &dyn SessionText, text: Option<String>) -> bool {
    match session.save(text).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the session's messages could not be written");
            false
        }
    }
}

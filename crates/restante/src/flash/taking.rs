//! What a page is given: flash messages, and the stored ones that wait.

use super::codec::Carried;
use super::exchange::{Exchange, Handed, SessionPart, State};
use super::{PageContext, Shown, Taken};
use crate::{Error, Filter, Inbox, Item, ItemId, limits};

/// Most stored messages that one page takes.
const STORED: usize = 20;
/// How far back a page looks for the oldest unread ones.
const LOOK_BACK: usize = 1_000;

/// What the store has for a page.
struct Stored {
    inbox: Option<Inbox>,
    items: Vec<Item>,
    /// How many more are unread.
    more: u64,
    /// Whether the store could be asked.
    complete: bool,
}

impl Exchange {
    /// What is to be shown. Nothing counts as taken before the end, so that a caller who gives up
    /// has taken nothing.
    pub(crate) async fn take(&self, consume: bool) -> Taken {
        self.read_session().await;
        // Apart, so that a page without a store is not a large future.
        let stored = if self.has_store() { Box::pin(self.stored()).await } else { Stored::NOTHING };
        let settings = &self.settings;
        let mut state = self.state();
        let mut taken = Taken { shown: Vec::new(), unread: stored.more, complete: stored.complete };
        if !state.cleared {
            self.read_cookie(&mut state);
            taken.complete &= !state.is_arrival_cut();
            let flash = |carried: &Carried| Shown::flash(settings, carried);
            taken.shown.extend(state.arrived().map(flash));
        }
        let queued = state.queued.iter().map(|queued| Shown::flash(settings, &queued.carried));
        taken.shown.extend(queued);
        taken.shown.extend(stored.items.iter().map(|item| Shown::stored(settings, item)));
        // A body that streams only looks: the head with the cookie has gone.
        if consume && !self.is_finished() {
            let queued = state.queued.len();
            let handed = state.taken.get_or_insert_default();
            handed.any |= !taken.shown.is_empty();
            handed.queued = queued;
            if let Some(inbox) = stored.inbox {
                handed.add(inbox, stored.items.iter().map(|item| item.id));
            }
        }
        taken
    }

    /// What a template needs, with the newest `newest` items of inbox and archive.
    pub(crate) async fn context(&self, newest: usize) -> PageContext {
        let messages = self.take(true).await;
        let mut context = PageContext::new(messages);
        let lists = async {
            match self.inbox().await? {
                Some(inbox) => newest_of(&inbox, newest, &context.messages).await,
                None => Ok((Vec::new(), Vec::new())),
            }
        };
        match lists.await {
            Ok((inbox, archive)) => (context.inbox, context.archive) = (inbox, archive),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "inbox and archive could not be read; the page goes without");
                context.messages.complete = false;
            }
        }
        context
    }

    /// The oldest unread stored messages, oldest first.
    async fn stored(&self) -> Stored {
        let found = match self.inbox().await {
            Ok(Some(inbox)) => oldest_unread(inbox).await,
            Ok(None) => return Stored::NOTHING,
            Err(error) => Err(error),
        };
        found.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "stored messages could not be read; the page goes without");
            Stored { complete: false, ..Stored::NOTHING }
        })
    }
}

impl Stored {
    const NOTHING: Self = Self { inbox: None, items: Vec::new(), more: 0, complete: true };
}

impl State {
    /// What the request brought, as far as it was read: the cookie's messages, then the session's.
    pub(super) fn arrived(&self) -> impl Iterator<Item = &Carried> {
        let cookie = self.cookie.iter().flat_map(|cookie| &cookie.messages);
        let session = match &self.session {
            SessionPart::Read(session) => &*session.messages,
            SessionPart::Unread | SessionPart::Failed => &[],
        };
        cookie.chain(session)
    }

    /// Whether something of what the request should have brought is missing.
    pub(super) fn is_arrival_cut(&self) -> bool {
        let is_cookie_cut = self.cookie.as_ref().is_some_and(|cookie| !cookie.complete);
        match &self.session {
            SessionPart::Read(session) => {
                // The cookie says that there is more, and here it is.
                let is_more_here = !session.messages.is_empty();
                !session.complete || (is_cookie_cut && !is_more_here)
            }
            SessionPart::Failed => true,
            SessionPart::Unread => is_cookie_cut,
        }
    }
}

impl Handed {
    /// Adds the items of a further look; none twice.
    fn add(&mut self, inbox: Inbox, items: impl Iterator<Item = ItemId>) {
        let known = self.items.iter_mut().find(|(known, _)| known.user() == inbox.user());
        match known {
            Some((_, ids)) => {
                let new: Vec<_> = items.filter(|id| !ids.contains(id)).collect();
                ids.extend(new);
            }
            None => self.items.push((inbox, items.collect())),
        }
    }
}

async fn oldest_unread(inbox: Inbox) -> Result<Stored, Error> {
    let mut filter = Filter::unread().limit(STORED);
    let first = inbox.list(filter.clone()).await?;
    let (unread, mut items, mut next) = (first.unread, first.items, first.next);
    filter.limit = limits::PAGE_ITEMS;
    while let (Some(cursor), true) = (next, items.len() < LOOK_BACK) {
        let page = inbox.list(filter.clone().after(cursor)).await?;
        items.extend(page.items);
        next = page.next;
    }
    items.reverse();
    items.truncate(STORED);
    let more = unread.saturating_sub(items.len() as u64);
    Ok(Stored { inbox: Some(inbox), items, more, complete: true })
}

/// The newest items of the inbox beside those that the page shows as messages, and of the archive.
async fn newest_of(
    inbox: &Inbox,
    newest: usize,
    messages: &[Shown],
) -> Result<(Vec<Item>, Vec<Item>), Error> {
    if newest == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    let newest = newest.min(limits::PAGE_ITEMS - STORED);
    let mut unread = inbox.list(Filter::unread().limit(newest + STORED)).await?.items;
    unread.retain(|item| messages.iter().all(|shown| shown.id != Some(item.id)));
    unread.truncate(newest);
    let archive = inbox.list(Filter::archive().limit(newest)).await?.items;
    Ok((unread, archive))
}

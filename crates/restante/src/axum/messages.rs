use std::sync::Arc;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::MessagesRejection;
use crate::flash::Exchange;
use crate::{Error, Inbox, Level, Message, PageContext, Taken, User, UserId};

/// The messages of one request: says some, takes those that wait. Cloning is cheap; all clones and
/// extractors of a request share one list.
///
/// Saying costs nothing before the response. Reading is asked for: a page that does not read loses
/// nothing. `Option<Messages>` is `None` where the layer is missing.
///
/// What was taken counts as shown when the response is a page that somebody sees: not after a
/// redirect, an error of the server's, a panic, a HEAD request or a prefetch.
#[derive(Clone, Debug)]
pub struct Messages {
    exchange: Arc<Exchange>,
}

impl Messages {
    /// Says it: on this page if it is read later in this request, else on the next one that reads.
    ///
    /// A message that asks to be stored, or whose level does, is kept in the user's inbox until
    /// read; when nobody is signed in or the store is down it is a flash. An empty text and one
    /// below the minimum level are dropped.
    pub fn add(&self, message: impl Into<Message>) -> &Self {
        self.exchange.add(message.into());
        self
    }

    /// A message for developers; below the usual minimum level.
    pub fn debug(&self, text: impl Into<String>) -> &Self {
        self.add(Message::debug(text))
    }

    /// Something the user may want to know.
    pub fn info(&self, text: impl Into<String>) -> &Self {
        self.add(Message::info(text))
    }

    /// What the user asked for was done.
    pub fn success(&self, text: impl Into<String>) -> &Self {
        self.add(Message::success(text))
    }

    /// Something may go wrong.
    pub fn warning(&self, text: impl Into<String>) -> &Self {
        self.add(Message::warning(text))
    }

    /// Something went wrong.
    pub fn error(&self, text: impl Into<String>) -> &Self {
        self.add(Message::error(text))
    }

    /// What is to be shown: flash messages, then at most 20 stored ones, oldest first. Asked again
    /// it gives the same, with what was said since.
    ///
    /// Never fails: what cannot be read is missing and logged, and
    /// [`is_complete`](Taken::is_complete) says so. Dropped before it ends, it has taken nothing.
    pub async fn take(&self) -> Taken {
        self.exchange.take(true).await
    }

    /// All that a page's template needs: what [`take`](Self::take) gives, how many are unread beside
    /// that, and the newest items of inbox and archive, at most `newest` of each and 80.
    ///
    /// Never fails, as `take`.
    pub async fn context(&self, newest: usize) -> PageContext {
        self.exchange.context(newest).await
    }

    /// The same without taking it: it is shown again by the next page.
    pub async fn peek(&self) -> Taken {
        self.exchange.take(false).await
    }

    /// Gives back what was taken: it is shown again by the next page.
    pub fn keep(&self) {
        self.exchange.keep();
    }

    /// Drops the flash messages, those that the request brought and those said in it. Stored ones
    /// stay.
    pub fn clear(&self) {
        self.exchange.clear();
    }

    /// The inbox of who is signed in; `None` when nobody is, or the layer has no store.
    ///
    /// # Errors
    /// `Invalid` when the app's id for the user breaks a rule.
    pub async fn inbox(&self) -> Result<Option<Inbox>, Error> {
        self.exchange.inbox().await
    }

    /// Who is signed in from here on: for the request that signs in or out, of which the layer knew
    /// the state before.
    pub fn set_user(&self, user: Option<UserId>) {
        self.exchange.set_user(user.map(User::from));
    }

    /// Drops messages below this level in the rest of this request; `None` is the layer's own.
    pub fn set_min_level(&self, level: impl Into<Option<Level>>) {
        self.exchange.set_min_level(level.into());
    }

    /// The level below which messages are dropped.
    pub fn min_level(&self) -> Level {
        self.exchange.min_level()
    }
}

/// The messages of a request, where its layer put them.
pub(super) fn find(parts: &Parts) -> Option<Arc<Exchange>> {
    let exchange = parts.extensions.get::<Arc<Exchange>>()?;
    exchange.see(parts);
    Some(Arc::clone(exchange))
}

impl<S: Sync> FromRequestParts<S> for Messages {
    type Rejection = MessagesRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MessagesRejection> {
        match find(parts) {
            Some(exchange) => Ok(Self { exchange }),
            None => Err(MessagesRejection::MissingLayer),
        }
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Messages {
    type Rejection = MessagesRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, MessagesRejection> {
        Ok(find(parts).map(|exchange| Self { exchange }))
    }
}

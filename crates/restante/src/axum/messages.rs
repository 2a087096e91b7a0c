//! [`Messages`] as an extractor.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::flash::{Exchange, FlashRequest, SessionText, Settings};
use crate::headers::Headers;
use crate::{Messages, MessagesRejection};

impl FlashRequest for Parts {
    fn headers(&self) -> &impl Headers {
        &self.headers
    }

    fn session(&self, settings: &Settings) -> Option<Arc<dyn SessionText>> {
        settings.sessions.as_ref()?.session(&self.extensions).map(Arc::from)
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
        find(parts).map(Self::of).ok_or(MessagesRejection::MissingLayer)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Messages {
    type Rejection = MessagesRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, MessagesRejection> {
        Ok(find(parts).map(Self::of))
    }
}

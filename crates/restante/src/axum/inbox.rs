//! [`Inbox`] as an extractor: of who is signed in.

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::{MessagesRejection, messages};
use crate::Inbox;

async fn inbox(parts: &Parts) -> Result<Option<Inbox>, MessagesRejection> {
    let exchange = messages::find(parts).ok_or(MessagesRejection::MissingLayer)?;
    if !exchange.has_store() {
        return Err(MessagesRejection::MissingStore);
    }
    exchange.inbox().await.map_err(|error| {
        tracing::error!(%error, "with_user gave an id that cannot be used");
        MessagesRejection::BadUser
    })
}

impl<S: Sync> FromRequestParts<S> for Inbox {
    type Rejection = MessagesRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MessagesRejection> {
        inbox(parts).await?.ok_or(MessagesRejection::NotSignedIn)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Inbox {
    type Rejection = MessagesRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, MessagesRejection> {
        inbox(parts).await
    }
}

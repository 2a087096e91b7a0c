//! [`Inbox`] as an extractor: of who is signed in.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::messages;
use crate::{Inbox, MessagesRejection};

async fn inbox(parts: &Parts) -> Result<Option<Inbox>, MessagesRejection> {
    let exchange = messages::find(parts).ok_or(MessagesRejection::MissingLayer)?;
    exchange.signed_in().await
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

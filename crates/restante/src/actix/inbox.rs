//! [`Inbox`] as an extractor: of who is signed in.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::messages;
use crate::{Inbox, MessagesRejection};

/// The inbox of who sent the request.
pub(super) async fn inbox_of(request: &HttpRequest) -> Result<Inbox, MessagesRejection> {
    let inbox = messages::find(request)?.signed_in().await?;
    inbox.ok_or(MessagesRejection::NotSignedIn)
}

/// `Option<Inbox>` is `None` when nobody is signed in, and also where the middleware or its store is
/// missing: actix-web's own `Option` asks no further.
impl FromRequest for Inbox {
    type Error = MessagesRejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, MessagesRejection>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { inbox_of(&request).await })
    }
}

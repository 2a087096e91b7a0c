//! [`Messages`] as an extractor.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::flash::{Exchange, FlashRequest, SessionText, Settings};
use crate::headers::Headers;
use crate::{Messages, MessagesRejection};

impl FlashRequest for HttpRequest {
    fn headers(&self) -> &impl Headers {
        Self::headers(self)
    }

    #[cfg(feature = "actix-session")]
    fn session(&self, _: &Settings) -> Option<Arc<dyn SessionText>> {
        Some(super::session::Pocket::of(self))
    }

    #[cfg(not(feature = "actix-session"))]
    fn session(&self, _: &Settings) -> Option<Arc<dyn SessionText>> {
        None
    }
}

/// The messages of a request, where its middleware put them.
pub(super) fn find(request: &HttpRequest) -> Result<Arc<Exchange>, MessagesRejection> {
    let exchange = request.extensions().get::<Arc<Exchange>>().map(Arc::clone);
    let exchange = exchange.ok_or(MessagesRejection::MissingLayer)?;
    exchange.see(request);
    Ok(exchange)
}

/// `Option<Messages>` is `None` where the middleware is missing.
impl FromRequest for Messages {
    type Error = MessagesRejection;
    type Future = Ready<Result<Self, MessagesRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request).map(Self::of))
    }
}

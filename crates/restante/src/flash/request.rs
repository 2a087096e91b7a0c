//! What an exchange looks at in a request, whichever framework it came by.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::{SessionText, Settings, UserSource};
use crate::headers::Headers;

/// A request, as an adapter gives it to the exchange.
pub(crate) trait FlashRequest: 'static {
    /// Its headers.
    fn headers(&self) -> &impl Headers;

    /// Its session, of the kind that the adapter was told of.
    fn session(&self, settings: &Settings) -> Option<Arc<dyn SessionText>>;
}

/// How an app says who is asking: its closure, of a request of its framework.
#[derive(Clone)]
pub(crate) struct FindUser(Arc<Ask>);

type Ask = dyn Fn(&dyn Any) -> UserSource + Send + Sync;

impl FindUser {
    /// Settings know no framework, so the request's type is forgotten here and found again below.
    pub(crate) fn new<R: FlashRequest>(
        find: impl Fn(&R) -> UserSource + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |request: &dyn Any| {
            // One adapter makes the closure and hands in the requests.
            request.downcast_ref().map_or(UserSource::Nobody, &find)
        }))
    }

    pub(super) fn ask<R: FlashRequest>(&self, request: &R) -> UserSource {
        (self.0)(request)
    }
}

impl fmt::Debug for FindUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FindUser")
    }
}

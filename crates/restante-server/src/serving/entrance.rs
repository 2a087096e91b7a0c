use std::sync::{Arc, OnceLock};

use axum::Router;

/// Where a new connection is led: to one router until another one is ready to take its place.
///
/// A connection stays with the router that it began with, so what answers first should close its
/// connections.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    at_first: Router,
    opened: Arc<OnceLock<Router>>,
}

impl Entrance {
    /// Leads to this router until it is [opened](Self::open).
    pub(crate) fn closed(at_first: Router) -> Self {
        Self { at_first, opened: Arc::default() }
    }

    /// Leads to this router from now on. Only the first time counts.
    pub(crate) fn open(&self, router: Router) {
        // A second one would be refused, and nobody opens twice.
        let _ = self.opened.set(router);
    }

    pub(super) fn router(&self) -> Router {
        self.opened.get().unwrap_or(&self.at_first).clone()
    }
}

impl From<Router> for Entrance {
    /// Leads nowhere else.
    fn from(router: Router) -> Self {
        Self::closed(router)
    }
}

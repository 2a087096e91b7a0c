use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use restante::Inbox;

use super::App;
use super::problem::Problem;
use crate::http::visitor::Visitor;

/// The user who is asking. Handlers that take it answer nobody else.
#[derive(Debug)]
pub(super) struct SignedIn(Visitor);

impl SignedIn {
    /// The user's own inbox.
    pub(super) fn inbox(&self, app: &App) -> Result<Inbox, Problem> {
        Ok(app.restante.inbox(&self.user)?)
    }
}

impl Deref for SignedIn {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.0
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Visitor::from_headers(app, &parts.headers)
            .await?
            .map(Self)
            .ok_or(Problem::NotSignedIn { by_proxy: app.user_header.is_some() })
    }
}

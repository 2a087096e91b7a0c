use axum::http::HeaderName;
use restante::Restante;

use super::session::Sessions;
use super::tickets::Tickets;
use crate::failure::Failure;

/// What all handlers share.
#[derive(Debug)]
pub(crate) struct App {
    pub(super) restante: Restante,
    pub(super) sessions: Sessions,
    /// The way in without a proxy.
    pub(crate) tickets: Tickets,
    /// The header in which a trusted proxy names the user.
    pub(super) user_header: Option<HeaderName>,
}

impl App {
    /// Opens the pages of a store. The secret that signs cookies is made on first start and kept in
    /// the store, so that all servers of one database accept each other's.
    pub(crate) async fn new(
        restante: Restante,
        user_header: Option<HeaderName>,
    ) -> Result<Self, Failure> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh)
            .map_err(|error| Failure::said(format!("the system gives no random bytes: {error}")))?;
        let secret = restante.store().secret("session", &fresh).await?;
        let sessions = Sessions::new(&secret)
            .ok_or_else(|| Failure::said("the secret kept in the database cannot be used"))?;
        Ok(Self { restante, sessions, tickets: Tickets::default(), user_header })
    }
}

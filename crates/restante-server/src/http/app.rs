use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use restante::{Error, Key, MessagesLayer, Restante, Store, UserId};
use tokio::sync::Semaphore;

use super::admin::Door;
use super::limits::KeyLimits;
use super::site::Site;
use crate::access::admin_sessions::AdminSessions;
use crate::access::random;
use crate::access::sessions::Sessions;
use crate::access::tickets::Tickets;
use crate::access::tokens::Tokens;
use crate::failure::Failure;
use crate::metrics::Figures;

/// How many long lists are read at once; further ones wait.
const LONG_LISTS: usize = 16;

/// What the operator decides about the server's face.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where it is for those who call it.
    pub(crate) site: Site,
    /// The header in which a trusted proxy names the user.
    pub(crate) user_header: Option<HeaderName>,
    /// Secrets of users' tokens, the one that signs first; none for the database's own.
    pub(crate) token_secrets: Vec<String>,
    /// Whose pages may call with a token.
    pub(crate) origins: Vec<HeaderValue>,
    /// How many requests a second each API key may make.
    pub(crate) key_rate: Option<NonZeroU32>,
    /// Whether figures are shown here, or on a port of their own.
    pub(crate) shows_metrics: bool,
}

/// What all handlers share.
#[derive(Debug)]
pub(crate) struct App {
    pub(super) restante: Restante,
    pub(crate) site: Site,
    pub(super) user_header: Option<HeaderName>,
    pub(super) origins: Vec<HeaderValue>,
    pub(super) key_limits: KeyLimits,
    pub(super) shows_metrics: bool,
    pub(super) figures: Arc<Figures>,
    pub(super) sessions: Sessions,
    pub(super) tokens: Tokens,
    /// How a browser gets its session.
    pub(crate) tickets: Tickets,
    /// What a page has to say after a form was sent.
    pub(super) flash: MessagesLayer,
    /// How operators get in, and what their pages have to say after a form was sent.
    pub(super) admin: Door,
    /// Turns for long lists: each holds a thread while it arrives.
    pub(super) long_lists: Arc<Semaphore>,
}

impl App {
    /// Opens the doors of a store. The secrets that sign cookies and tokens are made on first start
    /// and kept in the store, so that all servers of one database accept each other's.
    pub(crate) async fn new(
        restante: Restante,
        figures: Arc<Figures>,
        settings: Settings,
    ) -> Result<Self, Failure> {
        let secret = restante.store().secret("session", &random::<32>()?).await?;
        let unusable = || Failure::said("the secret kept in the database cannot be used");
        let sessions = Sessions::new(&secret).ok_or_else(unusable)?;
        let tickets = Tickets::new(&secret).ok_or_else(unusable)?;
        let admin_sessions = AdminSessions::new(&secret).ok_or_else(unusable)?;
        let secret = restante.store().secret("flash", &random::<32>()?).await?;
        let flash = MessagesLayer::new(Key::new(&secret)?)
            .with_cookie_name("restante_flash")
            .with_cookie_path(settings.site.path("/"))
            .with_secure(settings.site.is_https());
        let admin = Door::new(admin_sessions, &flash, &settings.site);
        let tokens = Tokens::open(restante.store().as_ref(), &settings.token_secrets).await?;
        Ok(Self {
            restante,
            site: settings.site,
            user_header: settings.user_header,
            origins: settings.origins,
            key_limits: KeyLimits::new(settings.key_rate),
            shows_metrics: settings.shows_metrics,
            figures,
            sessions,
            tokens,
            tickets,
            flash,
            admin,
            long_lists: Arc::new(Semaphore::new(LONG_LISTS)),
        })
    }

    /// Ends a user's tokens, sessions and live streams: here at once, on other servers of the same
    /// database within a second, streams within half a minute.
    pub(super) async fn end_tokens(&self, user: &UserId) -> Result<(), Error> {
        self.restante.end_tokens(user).await?;
        // Whoever was let in meanwhile by what is remembered is asked about by its stream.
        self.tokens.forget(user);
        Ok(())
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        self.restante.store()
    }
}

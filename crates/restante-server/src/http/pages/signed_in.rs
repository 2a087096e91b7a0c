use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use restante::{Inbox, UserId};

use super::app::App;
use super::problem::Problem;
use super::session::COOKIE;

/// The user who is asking. Handlers that take it answer nobody else.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) user: UserId,
    /// What form tokens are bound to: the session, or the user whom the proxy names.
    pub(super) session: String,
}

impl SignedIn {
    /// The user's own inbox.
    pub(super) fn inbox(&self, app: &App) -> Result<Inbox, Problem> {
        Ok(app.restante.inbox(&self.user)?)
    }

    fn from_headers(app: &App, headers: &HeaderMap) -> Option<Self> {
        if let Some(name) = &app.user_header
            && let Some(user) = from_proxy(headers, name)
        {
            return Some(Self { session: format!("user {user}"), user });
        }
        let now = app.restante.now();
        cookies(headers).find_map(|cookie| {
            let user = app.sessions.user(now, cookie)?;
            Some(Self { user, session: format!("cookie {cookie}") })
        })
    }
}

/// Two values mean that somebody other than the proxy wrote one of them: believe neither.
fn from_proxy(headers: &HeaderMap, name: &HeaderName) -> Option<UserId> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    UserId::new(std::str::from_utf8(value.as_bytes()).ok()?).ok()
}

/// All cookies of our name: an app on the same host may have set one for another path.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter_map(|(name, value)| (name == COOKIE).then_some(value))
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Self::from_headers(app, &parts.headers)
            .ok_or(Problem::NotSignedIn { by_proxy: app.user_header.is_some() })
    }
}

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use restante::store::ApiKey;

use super::problem::Problem;
use crate::access::admin_sessions::COOKIE;
use crate::http::App;

/// The operator who is asking. Handlers that take it answer nobody else.
#[derive(Debug)]
pub(super) struct Admin {
    /// The key that the session was begun with.
    pub(super) key: ApiKey,
    /// What form tokens are bound to.
    session: String,
}

impl Admin {
    /// The token that this session's forms carry.
    pub(super) fn form_token(&self, app: &App) -> String {
        app.admin.sessions.form_token(&self.session)
    }

    /// Whether a form carried this session's token.
    pub(super) fn is_form_token(&self, app: &App, token: &str) -> bool {
        app.admin.sessions.is_form_token(&self.session, token)
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let (store, now) = (app.store().as_ref(), app.restante.now());
        let mut had_session = false;
        for cookie in cookies(&parts.headers) {
            had_session = true;
            if let Some(key) = app.admin.sessions.read(store, now, cookie).await? {
                return Ok(Self { key, session: cookie.to_owned() });
            }
        }
        Err(Problem::NotSignedIn { had_session, back_to: back_to(parts) })
    }
}

/// All cookies of our name: another app on the same host may have set one for another path.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .filter_map(|(name, value)| (name == COOKIE && !value.is_empty()).then_some(value))
}

/// The page that was asked for, without the base path, which the router took off; nothing for what
/// was not a page.
fn back_to(parts: &Parts) -> String {
    if parts.method != Method::GET {
        return String::new();
    }
    parts.uri.path_and_query().map_or_else(String::new, ToString::to_string)
}

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, header};
use restante::{Error, UserId};

use super::App;
use crate::access::sessions::{COOKIE, LIFETIME};

/// The user whom a browser comes for, without being told to: by the proxy's header or by the
/// session of our own pages. Pages of other sites come with them too.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) user: UserId,
    /// What form tokens are bound to: the session, or the user whom the proxy names.
    pub(super) session: String,
    /// Whether a session of ours can be ended.
    pub(super) has_cookie: bool,
    /// When that was begun, and when it ends by itself.
    pub(super) lasts: Option<(SystemTime, SystemTime)>,
}

impl Visitor {
    /// Who these headers say it is; nobody, if the session was begun before its user's tokens were
    /// ended.
    pub(super) async fn from_headers(
        app: &App,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, Error> {
        if let Some(name) = &app.user_header
            && let Some(user) = from_proxy(headers, name)
        {
            return Ok(Some(Self {
                session: format!("user {user}"),
                user,
                has_cookie: false,
                lasts: None,
            }));
        }
        let now = app.restante.now();
        for cookie in cookies(headers) {
            if let Some((user, began)) = app.sessions.read(now, cookie)
                && app.store().tokens_ended_at(&user).await?.is_none_or(|ended| began > ended)
            {
                let session = format!("cookie {cookie}");
                let lasts = Some((began, began + LIFETIME));
                return Ok(Some(Self { user, session, has_cookie: true, lasts }));
            }
        }
        Ok(None)
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

/// Whether the browser says that another site's page sent a form. Old browsers and programs say
/// nothing; for them the form's token decides.
pub(super) fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| !["same-origin", "none"].iter().any(|own| site == own))
}

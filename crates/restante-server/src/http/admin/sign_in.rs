//! The way in, a key for a session, and the ways out.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use restante::Messages;
use serde::Deserialize;

use super::attempts::{TooOften, client};
use super::form::OwnForm;
use super::number::counted;
use super::problem::Problem;
use crate::access::admin_sessions::{COOKIE, LIFETIME, may_administer};
use crate::access::keys;
use crate::http::App;
use crate::http::visitor::comes_from_elsewhere;

/// The sign-in form. It has no token: nobody is signed in whom it could belong to, and whoever
/// could send it from elsewhere would need an admin key of this server.
#[derive(Deserialize)]
pub(super) struct SignIn {
    #[serde(default)]
    key: String,
    #[serde(default)]
    back_to: String,
}

/// `POST /admin/signin`
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: Result<Form<SignIn>, FormRejection>,
) -> Result<Response, Problem> {
    // Before it counts: other sites' pages must not use up anybody's tries.
    if comes_from_elsewhere(&headers) {
        return Err(Problem::Forbidden);
    }
    let Form(SignIn { key, back_to }) = form?;
    let address = client(from, &headers, app.user_header.is_some());
    let (store, now) = (app.store().as_ref(), app.restante.now());
    // Only tries that fail are counted: nobody keeps operators out by failing often.
    let refused = |status, reason: &str| {
        if let Err(TooOften(seconds)) = app.admin.attempts.count(address) {
            tracing::warn!(%address, "too many tries to sign in to the admin pages");
            let reason = format!("Too many tries. Try again in {}.", counted(seconds, "second"));
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Problem::Refused {
                status,
                reason,
                again_in: Some(seconds),
                back_to: back_to.clone(),
            };
        }
        tracing::warn!(%address, reason, "nobody was let in to the admin pages");
        let reason = reason.to_owned();
        Problem::Refused { status, reason, again_in: None, back_to: back_to.clone() }
    };
    let Some(key) = keys::find(store, key.trim()).await? else {
        let unknown = "This key is unknown or has been revoked.";
        return Err(refused(StatusCode::UNAUTHORIZED, unknown));
    };
    if !may_administer(&key) {
        let lacking = "This key may not administer. Take one with the scope admin.";
        return Err(refused(StatusCode::FORBIDDEN, lacking));
    }
    let session = app.admin.sessions.begin(store, now, &key).await?;
    tracing::info!(%address, key = key.id, "signed in to the admin pages");
    let cookie = cookie(&app, &headers, &session, LIFETIME.as_secs());
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&landing(&app, &back_to))).into_response())
}

/// `POST /admin/signout`: this browser.
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    _form: OwnForm,
) -> Response {
    gone(&app, &headers)
}

/// `POST /admin/signout-everywhere`: every browser that was signed in with this key.
pub(super) async fn sign_out_everywhere(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    messages: Messages,
    form: OwnForm,
) -> Result<Response, Problem> {
    let (store, now) = (app.store().as_ref(), app.restante.now());
    app.admin.sessions.end_all(store, now, &form.admin.key).await?;
    // Whoever signs in next wants to know that it worked.
    messages.success(format!("Every session of the key “{}” is over.", form.admin.key.name));
    Ok(gone(&app, &headers))
}

fn gone(app: &App, headers: &HeaderMap) -> Response {
    let cookie = cookie(app, headers, "", 0);
    ([(header::SET_COOKIE, cookie)], Redirect::to(&app.site.path("/admin"))).into_response()
}

/// Only a page of ours is led back to, whatever the form says.
fn landing(app: &App, back_to: &str) -> String {
    let is_ours = back_to.strip_prefix("/admin").is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with(['/', '?']))
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    });
    app.site.path(if is_ours { back_to } else { "/admin" })
}

fn cookie(app: &App, headers: &HeaderMap, session: &str, seconds: u64) -> String {
    // As for the inbox: the proxy or the operator says that browsers come by https.
    let is_https = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if is_https || app.site.is_https() { "; Secure" } else { "" };
    let path = app.site.path("/admin");
    format!("{COOKIE}={session}; HttpOnly; SameSite=Strict; Path={path}; Max-Age={seconds}{secure}")
}

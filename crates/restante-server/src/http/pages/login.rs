//! The way in, a ticket for a session, and the way out.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::App;
use super::form::OwnForm;
use super::problem::Problem;
use crate::access::random;
use crate::access::sessions::{COOKIE, LIFETIME};

/// The query of a link with a ticket.
#[derive(Deserialize)]
pub(super) struct Login {
    #[serde(default)]
    ticket: String,
}

/// The page that leads to the inbox whoever followed a link on another site.
#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedInPage<'a> {
    base: &'a str,
}

/// `GET /login?ticket=…`
pub(super) async fn login(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
    query: Result<Query<Login>, QueryRejection>,
) -> Result<Response, Problem> {
    // Whoever looks ahead (a mail client, a browser that guesses) must not use the ticket up.
    if method == Method::HEAD || headers.contains_key("sec-purpose") {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let Query(login) = query.map_err(|_| Problem::TicketEnded)?;
    let now = app.restante.now();
    let user = app.tickets.redeem(app.store().as_ref(), now, &login.ticket).await?;
    let user = user.ok_or(Problem::TicketEnded)?;
    let session = app.sessions.begin(now, &user, random()?);
    let cookie = cookie(&app, &headers, &session, LIFETIME.as_secs());
    let answer = if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        // A redirect still counts as the other site's doing, and a strict cookie would stay at
        // home. What our own page asks for comes with it.
        Html(SignedInPage { base: app.site.base() }.render().map_err(Problem::internal)?)
            .into_response()
    } else {
        Redirect::to(&app.site.path("/inbox")).into_response()
    };
    Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
}

/// `POST /logout`
pub(super) async fn logout(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    _form: OwnForm,
) -> Response {
    let gone = cookie(&app, &headers, "", 0);
    ([(header::SET_COOKIE, gone)], Redirect::to(&app.site.path("/inbox"))).into_response()
}

fn cookie(app: &App, headers: &HeaderMap, session: &str, seconds: u64) -> String {
    // A browser says nothing of https to a server behind a proxy; the proxy does, or the operator
    // did. A client that makes it up keeps only itself from being signed in over http.
    let is_https = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if is_https || app.site.is_https() { "; Secure" } else { "" };
    let path = app.site.path("/");
    format!("{COOKIE}={session}; HttpOnly; SameSite=Strict; Path={path}; Max-Age={seconds}{secure}")
}

//! The way in: a ticket for a session.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::app::App;
use super::problem::Problem;
use super::session::{COOKIE, LIFETIME};

/// The query of a link with a ticket.
#[derive(Deserialize)]
pub(super) struct Login {
    #[serde(default)]
    ticket: String,
}

/// The page that leads to the inbox whoever followed a link on another site.
#[derive(Template)]
#[template(path = "signed_in.html")]
struct SignedInPage;

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
    let user = app.tickets.redeem(&login.ticket).ok_or(Problem::TicketEnded)?;
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(Problem::internal)?;
    let session = app.sessions.begin(app.restante.now(), &user, nonce);
    // A browser says nothing of https to a server behind a proxy; the proxy does. A client that
    // makes it up keeps only itself from being signed in over http.
    let secure = match headers.get("x-forwarded-proto") {
        Some(proto) if proto == "https" => "; Secure",
        _ => "",
    };
    let cookie = format!(
        "{COOKIE}={session}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}{secure}",
        LIFETIME.as_secs(),
    );
    let answer = if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        // A redirect still counts as the other site's doing, and a strict cookie would stay at
        // home. What our own page asks for comes with it.
        Html(SignedInPage.render().map_err(Problem::internal)?).into_response()
    } else {
        Redirect::to("/inbox").into_response()
    };
    Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
}

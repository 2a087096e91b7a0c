//! What senders do about one user: tokens, tickets, forgetting and handing out.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use restante::{Error, Export, Problem, UserId};
use serde::{Deserialize, Serialize};

use super::json_body::JsonBody;
use super::sender::{Administering, MakingTokens, Sender};
use crate::access::{tickets, tokens};
use crate::dates;
use crate::http::App;

/// The user of the path.
pub(super) struct UserPath(UserId);

impl FromRequestParts<Arc<App>> for UserPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let id = Path::<String>::from_request_parts(parts, app).await;
        let Path(id) =
            id.map_err(|_| Problem::malformed("must be UTF-8, percent-encoded").with_field("id"))?;
        Ok(Self(UserId::new(id)?))
    }
}

/// What a token is to be.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    #[serde(default)]
    ttl: Option<String>,
    #[serde(default)]
    joined: Option<String>,
}

/// A token just made.
#[derive(Serialize)]
pub(super) struct Token {
    token: String,
    #[serde(serialize_with = "dates::serialize")]
    expires_at: SystemTime,
}

/// A ticket just made.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "it is the answer's name for it")]
pub(super) struct Ticket {
    ticket: String,
    url: String,
    #[serde(serialize_with = "dates::serialize")]
    expires_at: SystemTime,
}

/// Whether anything was kept of a user who is to be forgotten.
#[derive(Serialize)]
pub(super) struct Forgotten {
    changed: bool,
}

/// Makes a token with which a browser opens this user's inbox, for an hour unless told otherwise.
pub(super) async fn make_token(
    _: Sender<MakingTokens>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
    body: Option<JsonBody<NewToken>>,
) -> Result<(StatusCode, Json<Token>), Problem> {
    let new = body.map(|JsonBody(new)| new).unwrap_or_default();
    let ttl = match &new.ttl {
        Some(ttl) => dates::parse_duration(ttl).map_err(|error| Error::invalid("ttl", error))?,
        None => tokens::LIFETIME,
    };
    let joined = match &new.joined {
        Some(time) => {
            Some(dates::parse_time(time).map_err(|error| Error::invalid("joined", error))?)
        }
        None => None,
    };
    let (store, now) = (app.store().as_ref(), app.restante.now());
    let fresh = app.tokens.issue(store, now, &user, ttl, joined).await?;
    let token = Token { token: fresh.token, expires_at: fresh.expires_at };
    Ok((StatusCode::CREATED, Json(token)))
}

/// Ends all tokens and sessions of this user that were begun up to now.
pub(super) async fn end_tokens(
    _: Sender<MakingTokens>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
) -> Result<StatusCode, Problem> {
    app.tokens.end(app.store().as_ref(), app.restante.now(), &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a ticket that opens this user's inbox page once, within a minute.
pub(super) async fn make_ticket(
    _: Sender<MakingTokens>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
) -> Result<(StatusCode, Json<Ticket>), Problem> {
    let fresh = app.tickets.issue(app.restante.now(), &user, tickets::LIFETIME)?;
    let url = app.site.url(&format!("/login?ticket={}", fresh.ticket));
    let ticket = Ticket { ticket: fresh.ticket, url, expires_at: fresh.expires_at };
    Ok((StatusCode::CREATED, Json(ticket)))
}

/// Forgets a user: everything that is kept of the user is removed. Counts in receipts stay.
pub(super) async fn forget_user(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
) -> Result<Json<Forgotten>, Problem> {
    Ok(Json(Forgotten { changed: app.restante.forget(user).await? }))
}

/// All that is kept of a user.
pub(super) async fn export_user(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
) -> Result<Json<Export>, Problem> {
    Ok(Json(app.restante.export(user).await?))
}

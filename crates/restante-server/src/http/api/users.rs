//! What senders do about one user: tokens, tickets, forgetting and handing out.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use restante::{Error, Export, Problem, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json_body::JsonBody;
use super::schemas;
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

/// The user of the path, for the description of the routes.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "`UserPath` reads it")]
struct UserParameter {
    /// The user's id: 1 to 191 bytes without control characters, not `*`; percent-encoded
    #[param(
        min_length = 1,
        max_length = 191,
        pattern = r"^([^*\u0000-\u001f\u007f-\u009f]|[^\u0000-\u001f\u007f-\u009f]{2,})$",
        example = "alice"
    )]
    id: String,
}

/// What a token is to be.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// How long it lasts: a time span such as `15m` or `7d`, 1 second to 30 days; `1h` unless told
    /// otherwise
    #[serde(default)]
    #[schema(
        example = "1h",
        pattern = "^([1-9][0-9]{0,5}s|[1-9][0-9]{0,3}m|([1-9][0-9]?|[1-6][0-9]{2}|7[01][0-9]|720)h|([1-9]|[12][0-9]|30)d)$"
    )]
    ttl: Option<String>,
    /// When the user joined: what was sent to everyone before is not shown
    #[serde(default)]
    #[schema(format = DateTime)]
    joined: Option<String>,
}

/// A token just made.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    /// What the browser has to present.
    token: String,
    /// When it ends.
    #[serde(serialize_with = "dates::serialize")]
    #[schema(value_type = String, format = DateTime)]
    expires_at: SystemTime,
}

/// A ticket just made.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "it is the answer's name for it")]
pub(super) struct Ticket {
    /// What the link holds.
    ticket: String,
    /// The link: whoever opens it first is this user.
    url: String,
    /// When it ends.
    #[serde(serialize_with = "dates::serialize")]
    #[schema(value_type = String, format = DateTime)]
    expires_at: SystemTime,
}

/// Whether anything was kept of a user who is to be forgotten.
#[derive(Serialize, ToSchema)]
pub(super) struct Forgotten {
    /// Whether anything was kept.
    changed: bool,
}

/// Makes a token with which a browser opens this user's inbox.
///
/// It lasts an hour unless told otherwise.
#[utoipa::path(
    post, path = "/users/{id}/tokens", tag = "users",
    security(("apiKey" = ["tokens"])),
    params(UserParameter),
    request_body(content = NewToken, description = "May be left out"),
    responses((status = 201, description = "The token", body = Token)),
)]
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
#[utoipa::path(
    delete, path = "/users/{id}/tokens", tag = "users",
    security(("apiKey" = ["tokens"])),
    params(UserParameter),
    responses((status = 204, description = "They open nothing any more")),
)]
pub(super) async fn end_tokens(
    _: Sender<MakingTokens>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
) -> Result<StatusCode, Problem> {
    app.end_tokens(&user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a ticket that opens this user's inbox page once, within a minute.
#[utoipa::path(
    post, path = "/users/{id}/tickets", tag = "users",
    security(("apiKey" = ["tokens"])),
    params(UserParameter),
    responses((status = 201, description = "The ticket, and the link to lead the user to", body = Ticket)),
)]
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

/// Forgets a user.
///
/// Everything that is kept of the user is removed. Counts in receipts stay.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "users",
    security(("apiKey" = ["admin"])),
    params(UserParameter),
    responses((status = 200, description = "It is gone, if there was anything", body = Forgotten)),
)]
pub(super) async fn forget_user(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
) -> Result<Json<Forgotten>, Problem> {
    Ok(Json(Forgotten { changed: app.restante.forget(user).await? }))
}

/// All that is kept of a user.
#[utoipa::path(
    get, path = "/users/{id}/export", tag = "users",
    security(("apiKey" = ["admin"])),
    params(UserParameter),
    responses((status = 200, description = "All of it", body = schemas::Export)),
)]
pub(super) async fn export_user(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
    UserPath(user): UserPath,
) -> Result<Json<Export>, Problem> {
    Ok(Json(app.restante.export(user).await?))
}

//! Messages as their senders see them: listed, looked after, taken back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use restante::store::{Receipts, SentFilter, SentPage};
use restante::{Error, MessageId, Problem};

use super::parameters::Parameters;
use super::schemas;
use super::sender::{Sender, Sending};
use crate::http::App;

/// What was sent, newest first.
///
/// With the scope `send` by this key, with `admin` by everybody.
#[utoipa::path(
    get, path = "/messages", tag = "messages",
    security(("apiKey" = ["send"])),
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before", pattern = "^(m_[0-9]{1,16})?$"),
        ("limit" = Option<u8>, Query, description = "At most so many messages; 20 unless told otherwise", minimum = 1, maximum = 100),
        ("sender" = Option<String>, Query, description = "Only those of this API key, by its id; for the scope `admin`, others see their own in any case"),
    ),
    responses((status = 200, description = "A page", body = schemas::SentPage)),
)]
pub(super) async fn list_messages(
    sender: Sender<Sending>,
    State(app): State<Arc<App>>,
    parameters: Parameters,
) -> Result<Json<SentPage>, Problem> {
    let mut filter = SentFilter::default();
    if let Some(after) = parameters.get("after")? {
        filter.after = Some(after.parse()?);
    }
    if let Some(limit) = parameters.get("limit")? {
        filter.limit =
            limit.parse().map_err(|_| Error::invalid("limit", "must be a number from 1 to 100"))?;
    }
    filter.sender = match sender.sees() {
        Some(own) => Some(own.to_owned()),
        None => parameters.get("sender")?.map(str::to_owned),
    };
    Ok(Json(app.restante.sent(filter).await?))
}

/// One sent message, and how many users got and read it.
///
/// With the scope `send` only what this key sent.
#[utoipa::path(
    get, path = "/messages/{id}", tag = "messages",
    security(("apiKey" = ["send"])),
    params(("id" = String, Path, description = "The message's `id`", pattern = "^m_[0-9]{1,16}$")),
    responses(
        (status = 200, description = "The message and its receipts", body = schemas::Receipts),
        (status = 404, description = "There is no such message of this caller's", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn get_message(
    sender: Sender<Sending>,
    State(app): State<Arc<App>>,
    MessagePath(id): MessagePath,
) -> Result<Json<Receipts>, Problem> {
    let receipts = app.store().receipts(app.restante.now(), id, sender.sees()).await?;
    Ok(Json(receipts.ok_or_else(|| not_found(id))?))
}

/// Takes a message back from everyone.
///
/// With the scope `send` only what this key sent. The second time there is nothing to take back,
/// and 404.
#[utoipa::path(
    delete, path = "/messages/{id}", tag = "messages",
    security(("apiKey" = ["send"])),
    params(("id" = String, Path, description = "The message's `id`", pattern = "^m_[0-9]{1,16}$")),
    responses(
        (status = 204, description = "It is gone from every inbox and count"),
        (status = 404, description = "There is no such message of this caller's, or it was retracted", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn retract_message(
    sender: Sender<Sending>,
    State(app): State<Arc<App>>,
    MessagePath(id): MessagePath,
) -> Result<StatusCode, Problem> {
    if app.restante.retract_as(id, sender.sees()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_found(id).into())
    }
}

fn not_found(id: MessageId) -> Error {
    Error::not_found(format!("there is no message {id}"))
}

/// The message of the path.
pub(super) struct MessagePath(MessageId);

impl FromRequestParts<Arc<App>> for MessagePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let id = Path::<String>::from_request_parts(parts, app).await;
        let Path(id) =
            id.map_err(|_| Problem::malformed("must be UTF-8, percent-encoded").with_field("id"))?;
        Ok(Self(id.parse()?))
    }
}

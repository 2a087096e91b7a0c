//! What the handlers are given.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Request};
use http::StatusCode;
use http::request::Parts;

use crate::flash::Framework;
use crate::routes::{
    JsonObject, Query, broken_off, id_of, is_json, malformed_id, refused, too_long,
};
use crate::{Inbox, ItemId, Problem};

/// The inbox of who is asking; a problem when nobody is signed in.
pub(super) struct SignedIn(pub(super) Inbox);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // A layer that knows whose inbox it is spares the others their work.
        if let Some(inbox) = parts.extensions.remove::<Inbox>() {
            return Ok(Self(inbox));
        }
        let inbox = <Inbox as FromRequestParts<S>>::from_request_parts(parts, state).await;
        inbox.map(Self).map_err(|rejection| refused(rejection, Framework::Axum))
    }
}

/// The `{id}` of the path.
pub(super) struct ItemPath(pub(super) ItemId);

impl<S: Send + Sync> FromRequestParts<S> for ItemPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // A map, because the app may nest the routes below parameters of its own.
        let Path(parameters) = Path::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| malformed_id(rejection.body_text()))?;
        let id = parameters.iter().rev().find(|(name, _)| name == "id");
        id_of(id.map(|(_, id)| id.as_str()).unwrap_or_default()).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (is_json, body) = read(request, state).await?;
        Self::parse(is_json, &body)
    }
}

impl<S: Send + Sync> OptionalFromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let (is_json, body) = read(request, state).await?;
        Self::if_any(is_json, &body)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<(bool, Bytes), Problem> {
    let is_json = is_json(request.headers());
    match Bytes::from_request(request, state).await {
        Ok(body) => Ok((is_json, body)),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(too_long()),
        Err(_) => Err(broken_off()),
    }
}

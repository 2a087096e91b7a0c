//! API keys: made, listed, revoked.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use restante::store::ApiKey;
use restante::{Error, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json_body::JsonBody;
use super::key_path::KeyPath;
use super::schemas;
use super::sender::{Administering, Sender};
use crate::access::{Scope, keys};
use crate::http::App;

/// All API keys, oldest first.
#[derive(Serialize)]
pub(super) struct Keys {
    keys: Vec<ApiKey>,
}

/// What a new key is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    /// What to know it by: at most 100 bytes, not blank, without control characters
    #[schema(
        min_length = 1,
        max_length = 100,
        example = "shop",
        pattern = r"^[^\u0000-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000-\u001f\u007f-\u009f]*$"
    )]
    name: String,
    /// What it may do, at least one
    #[schema(inline, value_type = Vec<schemas::Scope>, min_items = 1)]
    scopes: Vec<String>,
}

/// A key just made: the only answer that holds it.
#[derive(Serialize)]
pub(super) struct CreatedKey {
    key: String,
    #[serde(flatten)]
    kept: ApiKey,
}

/// All API keys, revoked ones included.
///
/// The keys themselves are kept nowhere.
#[utoipa::path(
    get, path = "/keys", tag = "keys",
    security(("apiKey" = ["admin"])),
    responses((status = 200, description = "The keys, oldest first", body = schemas::Keys)),
)]
pub(super) async fn list_keys(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
) -> Result<Json<Keys>, Problem> {
    Ok(Json(Keys { keys: app.store().api_keys().await? }))
}

/// Makes an API key.
///
/// It is in this answer and never shown again.
#[utoipa::path(
    post, path = "/keys", tag = "keys",
    security(("apiKey" = ["admin"])),
    request_body = NewKey,
    responses((status = 201, description = "The key", body = schemas::CreatedKey)),
)]
pub(super) async fn create_key(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
    JsonBody(new): JsonBody<NewKey>,
) -> Result<(StatusCode, Json<CreatedKey>), Problem> {
    let mut scopes = Vec::new();
    for name in &new.scopes {
        scopes.push(name.parse::<Scope>().map_err(|error| Error::invalid("scopes", error))?);
    }
    let (store, now) = (app.store().as_ref(), app.restante.now());
    let fresh = keys::create(store, now, &new.name, &scopes).await?;
    Ok((StatusCode::CREATED, Json(CreatedKey { key: fresh.key, kept: fresh.kept })))
}

/// Revokes an API key for good.
///
/// The second time there is no live one, and 404.
#[utoipa::path(
    delete, path = "/keys/{id}", tag = "keys",
    security(("apiKey" = ["admin"])),
    params(("id" = String, Path, description = "The key's `id`", min_length = 1)),
    responses(
        (status = 204, description = "It opens nothing any more"),
        (status = 404, description = "There is no live key with this id", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn revoke_key(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
    KeyPath(id): KeyPath,
) -> Result<StatusCode, Problem> {
    if app.store().revoke_api_key(app.restante.now(), &id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::not_found(format!("there is no live key {id}")).into())
    }
}

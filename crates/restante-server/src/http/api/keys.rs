//! API keys: made, listed, revoked.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use restante::store::ApiKey;
use restante::{Error, Problem};
use serde::{Deserialize, Serialize};

use super::json_body::JsonBody;
use super::sender::{Administering, Sender};
use crate::access::{Scope, keys};
use crate::http::App;

/// All API keys, oldest first.
#[derive(Serialize)]
pub(super) struct Keys {
    keys: Vec<ApiKey>,
}

/// What a new key is to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    name: String,
    scopes: Vec<String>,
}

/// A key just made: the only answer that holds it.
#[derive(Serialize)]
pub(super) struct CreatedKey {
    key: String,
    #[serde(flatten)]
    kept: ApiKey,
}

/// All API keys, revoked ones included. The keys themselves are kept nowhere.
pub(super) async fn list_keys(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
) -> Result<Json<Keys>, Problem> {
    Ok(Json(Keys { keys: app.store().api_keys().await? }))
}

/// Makes an API key. It is in this answer and never shown again.
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

/// Revokes an API key for good. The second time there is no live one, and 404.
pub(super) async fn revoke_key(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if app.store().revoke_api_key(app.restante.now(), &id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::not_found(format!("there is no live key {id}")).into())
    }
}

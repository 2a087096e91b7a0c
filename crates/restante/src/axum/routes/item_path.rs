use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use super::Problem;
use crate::ItemId;

/// The `{id}` of the path.
pub(super) struct ItemPath(pub(super) ItemId);

impl<S: Send + Sync> FromRequestParts<S> for ItemPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // A map, because the app may nest the routes below parameters of its own.
        let Path(parameters) = Path::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Problem::malformed(rejection.body_text()).with_field("id"))?;
        let id = parameters.iter().rev().find(|(name, _)| name == "id");
        Ok(Self(id.map(|(_, id)| id.as_str()).unwrap_or_default().parse()?))
    }
}

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use restante::ItemId;

use super::App;
use super::problem::Problem;

/// The id in the address. What is no id at all is not found, as another user's item is.
#[derive(Debug)]
pub(super) struct ItemAt(pub(super) ItemId);

impl FromRequestParts<Arc<App>> for ItemAt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        let id = path.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or(Problem::NotFound)
    }
}

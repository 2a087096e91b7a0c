use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use restante::Problem;

use crate::http::App;

/// The id of an API key in the path. None is malformed: one that was never made is not found.
pub(super) struct KeyPath(pub(super) String);

impl FromRequestParts<Arc<App>> for KeyPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let id = Path::<String>::from_request_parts(parts, app).await;
        let Path(id) =
            id.map_err(|_| Problem::malformed("must be UTF-8, percent-encoded").with_field("id"))?;
        Ok(Self(id))
    }
}

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use restante::Problem;
use restante::store::Swept;

use super::schemas;
use super::sender::{Administering, Sender};
use crate::http::App;

/// Removes what nobody can see any more, now.
///
/// The server does so by itself as well.
#[utoipa::path(
    post, path = "/sweep", tag = "upkeep",
    security(("apiKey" = ["admin"])),
    responses((status = 200, description = "What was removed", body = schemas::Swept)),
)]
pub(super) async fn sweep(
    _: Sender<Administering>,
    State(app): State<Arc<App>>,
) -> Result<Json<Swept>, Problem> {
    Ok(Json(app.restante.sweep().await?))
}

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use restante::{User, refuse_other_sites};

use super::bearer::{Bearer, bearer};
use super::refusals::Refusal;
use crate::access::keys;
use crate::http::App;
use crate::http::visitor::Visitor;

/// The user whose inbox is asked for.
#[derive(Clone, Debug)]
pub(super) struct Reader(pub(super) User);

/// Finds out whose inbox it is: by the token, by the proxy's header, or by the session of our own
/// pages. The last two come along with every request that a browser makes, also for other sites'
/// pages, so those are refused.
pub(super) async fn find(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    match reader(&app, request.headers()).await {
        Ok((reader, comes_by_itself)) => {
            request.extensions_mut().insert(reader);
            if comes_by_itself {
                refuse_other_sites(request, next).await
            } else {
                next.run(request).await
            }
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// The reader, and whether a browser told by itself who it is.
async fn reader(app: &App, headers: &HeaderMap) -> Result<(Reader, bool), Refusal> {
    match bearer(headers) {
        Some(Bearer::Token(token)) => {
            let (store, now) = (app.store().as_ref(), app.restante.now());
            let user = app.tokens.read(store, now, token).await?.map_err(Refusal::Token)?;
            Ok((Reader(user), false))
        }
        Some(Bearer::Key(key)) => {
            let is_known = keys::find(app.store().as_ref(), key).await?.is_some();
            let kind = "an API key opens no inbox; make a token for the user with \
                        POST /v1/users/{id}/tokens";
            Err(if is_known { Refusal::Kind(kind) } else { Refusal::Key })
        }
        None => {
            let wanted = "a user's token is needed, in the header `Authorization: Bearer …`";
            let visitor = Visitor::from_headers(app, headers).await?;
            let visitor = visitor.ok_or(Refusal::Nobody { wanted })?;
            Ok((Reader(User::from(visitor.user)), true))
        }
    }
}

//! Whose inbox it is, found out before the inbox's routes are asked.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use restante::{Inbox, User, refuse_other_sites};
use tower_layer::Layer;
use tower_service::Service;

use super::bearer::{Bearer, bearer};
use super::refusals::Refusal;
use crate::access::keys;
use crate::http::App;
use crate::http::visitor::Visitor;

/// Finds out whose inbox it is: by the token, by the proxy's header, or by the session of our own
/// pages. The last two come along with every request that a browser makes, also for other sites'
/// pages, so those are refused.
#[derive(Clone, Debug)]
pub(super) struct FindReader(pub(super) Arc<App>);

impl<S> Layer<S> for FindReader {
    type Service = ForReader<S>;

    fn layer(&self, inner: S) -> ForReader<S> {
        ForReader { inner, app: Arc::clone(&self.0) }
    }
}

/// A service that is asked on behalf of a reader.
#[derive(Clone, Debug)]
pub(super) struct ForReader<S> {
    inner: S,
    app: Arc<App>,
}

impl<S> Service<Request> for ForReader<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        // The one that was found ready, and not its copy.
        let copy = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, copy);
        let app = Arc::clone(&self.app);
        Box::pin(async move {
            let (inbox, comes_by_itself) = match inbox(&app, request.headers()).await {
                Ok(found) => found,
                Err(refusal) => return Ok(refusal.into_response()),
            };
            request.extensions_mut().insert(inbox);
            if comes_by_itself {
                return middleware::from_fn(refuse_other_sites).layer(inner).call(request).await;
            }
            inner.call(request).await
        })
    }
}

/// The reader's inbox, and whether a browser told by itself who it is.
async fn inbox(app: &App, headers: &HeaderMap) -> Result<(Inbox, bool), Refusal> {
    match bearer(headers) {
        Some(Bearer::Token(token)) => {
            let (store, now) = (app.store().as_ref(), app.restante.now());
            let user = app.tokens.read(store, now, token).await?.map_err(Refusal::Token)?;
            Ok((app.restante.inbox(user)?, false))
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
            let user = User::from(visitor.user);
            let user = match visitor.lasts {
                Some((since, until)) => user.since(since).until(until),
                None => user,
            };
            Ok((app.restante.inbox(user)?, true))
        }
    }
}

//! What happens to every answer: it is counted and logged, and gets the headers that all of them
//! carry. A layer of its own kind, because it is around everything: a function as middleware costs
//! each request five allocations.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::Response;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::headers;
use crate::metrics::Figures;

/// Watches the service that it is put around.
#[derive(Clone, Debug)]
pub(super) struct Watch(pub(super) Arc<Figures>);

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched { inner, figures: Arc::clone(&self.0) }
    }
}

/// A service that is watched.
#[derive(Clone, Debug)]
pub(super) struct Watched<S> {
    inner: S,
    figures: Arc<Figures>,
}

impl<S> Service<Request> for Watched<S>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Answering {
            began: Instant::now(),
            method: method_name(request.method()),
            route: request.extensions().get::<MatchedPath>().cloned(),
            figures: Arc::clone(&self.figures),
            inner: self.inner.call(request),
        }
    }
}

pin_project! {
    /// An answer on its way.
    pub(super) struct Answering<F> {
        #[pin]
        inner: F,
        began: Instant,
        method: &'static str,
        route: Option<MatchedPath>,
        figures: Arc<Figures>,
    }
}

impl<F, E> Future for Answering<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(context))?;
        let (status, took) = (response.status().as_u16(), this.began.elapsed());
        // The pattern alone: a path holds ids, and a query may hold a ticket.
        let route = this.route.as_ref().map_or("none", MatchedPath::as_str);
        let method = *this.method;
        this.figures.answered(route, method, status, took);
        tracing::debug!(method, route, status, micros = took.as_micros(), "answered");
        headers::complete(response.headers_mut());
        Poll::Ready(Ok(response))
    }
}

/// One of a few, so that nobody can make up more of them to be counted.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

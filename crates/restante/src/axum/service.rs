use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use tower_service::Service;

use super::ResponseFuture;
use crate::flash::{Exchange, Settings};

/// The service that [`MessagesLayer`](crate::MessagesLayer) makes.
#[derive(Clone, Debug)]
pub struct MessagesService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> MessagesService<S> {
    pub(super) fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }
}

impl<S, B, R> Service<Request<B>> for MessagesService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // Applied twice it acts once: the outer one has been here.
        if request.extensions().get::<Arc<Exchange>>().is_some() {
            return ResponseFuture::passing(self.inner.call(request));
        }
        let is_head = request.method() == Method::HEAD;
        let has_session = self.settings.has_session(request.extensions());
        let exchange = Arc::new(Exchange::new(Arc::clone(&self.settings), has_session));
        request.extensions_mut().insert(Arc::clone(&exchange));
        ResponseFuture::new(self.inner.call(request), exchange, is_head)
    }
}

use std::sync::Arc;

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::http::Method;
use actix_web::{Error, HttpMessage};

use super::future::{Handling, MessagesFuture};
use crate::flash::{Exchange, Settings};

/// The service that [`MessagesMiddleware`](crate::MessagesMiddleware) makes.
#[derive(Debug)]
pub struct MessagesService<S> {
    inner: S,
    settings: Arc<Settings>,
    #[cfg(feature = "actix-session")]
    order: super::session::Order,
}

impl<S> MessagesService<S> {
    pub(super) fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self {
            inner,
            settings,
            #[cfg(feature = "actix-session")]
            order: super::session::Order::default(),
        }
    }
}

impl<S, B> Service<ServiceRequest> for MessagesService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = MessagesFuture<S::Future, B>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        // Applied twice it acts once: the outer one has been here.
        if request.extensions().get::<Arc<Exchange>>().is_some() {
            return MessagesFuture::passing(self.inner.call(request));
        }
        let is_head = request.method() == Method::HEAD;
        #[cfg(feature = "actix-session")]
        let session = self.order.session(&self.settings, &request);
        #[cfg(feature = "actix-session")]
        let has_session = session.is_some();
        #[cfg(not(feature = "actix-session"))]
        let has_session = false;
        let exchange = Arc::new(Exchange::new(Arc::clone(&self.settings), has_session));
        request.extensions_mut().insert(Arc::clone(&exchange));
        let handling = Handling {
            exchange,
            is_head,
            #[cfg(feature = "actix-session")]
            session,
        };
        MessagesFuture::new(self.inner.call(request), handling)
    }
}

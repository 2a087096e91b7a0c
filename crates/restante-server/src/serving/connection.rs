//! One connection: requests and answers by hyper, until one of the answers is a stream of events.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Method, Version};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use hyper_util::service::{TowerToHyperService, TowerToHyperServiceFuture};
use pin_project_lite::pin_project;
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

/// What is read from and written to; pinned, since its time limits are.
pub(super) type Io = Pin<Box<TimeoutStream<TcpStream>>>;

/// A connection until it ends, or is taken from hyper.
pub(super) struct Connection {
    /// Nothing once it was taken.
    hyper: Option<http1::Connection<TokioIo<Io>, Answers>>,
    events: Slot,
}

/// An answer that goes on for ever, and the connection that it is for.
pub(super) struct Events {
    pub(super) io: Io,
    pub(super) response: Response,
}

/// Where a stream of events waits to be taken.
type Slot = Arc<Mutex<Option<Response>>>;

impl Connection {
    pub(super) fn new(http: &http1::Builder, io: Io, router: Router) -> Self {
        let events = Slot::default();
        let answers =
            Answers { router: TowerToHyperService::new(router), events: Arc::clone(&events) };
        Self { hyper: Some(http.serve_connection(TokioIo::new(io), answers)), events }
    }

    /// Ends after the request under way.
    pub(super) fn end(&mut self) {
        if let Some(hyper) = &mut self.hyper {
            Pin::new(hyper).graceful_shutdown();
        }
    }
}

impl Future for Connection {
    type Output = hyper::Result<Option<Events>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(hyper) = &mut this.hyper
            && let Poll::Ready(ended) = Pin::new(hyper).poll(context)
        {
            return Poll::Ready(ended.map(|()| None));
        }
        // Whoever put it there is polled by the line above, so nobody need wake this.
        let response = this.events.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(response) = response else {
            return Poll::Pending;
        };
        let taken = this.hyper.take().map(|hyper| hyper.into_parts().io.into_inner());
        Poll::Ready(Ok(taken.map(|io| Events { io, response })))
    }
}

/// The router as hyper knows it.
struct Answers {
    router: TowerToHyperService<Router>,
    events: Slot,
}

impl Service<hyper::Request<Incoming>> for Answers {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: hyper::Request<Incoming>) -> Answering {
        // An older client is told the end by the end of the connection, which hyper sees to; who
        // asks for the head alone gets no events.
        let may_stream = request.version() == Version::HTTP_11 && request.method() == Method::GET;
        Answering {
            events: may_stream.then(|| Arc::clone(&self.events)),
            answer: self.router.call(request.map(axum::body::Body::new)),
        }
    }
}

pin_project! {
    /// An answer on its way.
    struct Answering {
        #[pin]
        answer: TowerToHyperServiceFuture<Router, Request>,
        events: Option<Slot>,
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.answer.poll(context))?;
        let Some(slot) = this.events.take_if(|_| is_stream(&response)) else {
            return Poll::Ready(Ok(response));
        };
        // Hyper is left waiting: the connection is taken from it before it is polled again.
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        Poll::Pending
    }
}

fn is_stream(response: &Response) -> bool {
    const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
    response.headers().get(CONTENT_TYPE) == Some(&EVENTS)
}

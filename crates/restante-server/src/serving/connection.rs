//! One connection: requests and answers by hyper, until one of the answers is a stream of events.

use std::convert::Infallible;
use std::future::Future;
use std::io::IoSlice;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Method, Version};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use hyper_util::service::{TowerToHyperService, TowerToHyperServiceFuture};
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

/// What is read from and written to; pinned, since its time limits are.
pub(super) type Io = Pin<Box<TimeoutStream<TcpStream>>>;

/// A connection until it ends, or is taken from hyper.
pub(super) struct Connection {
    /// Nothing once it was taken.
    hyper: Option<http1::Connection<TokioIo<Watched>, Answers>>,
    events: Arc<Slot>,
}

/// An answer that goes on for ever, and the connection that it is for.
pub(super) struct Events {
    pub(super) io: Io,
    pub(super) response: Response,
}

/// Where a stream of events waits to be taken.
#[derive(Default)]
struct Slot {
    response: Mutex<Option<Response>>,
    /// The client has not taken all of an earlier answer: what is left of it is hyper's to send.
    is_held_up: AtomicBool,
}

/// What hyper writes to. It tells when the client takes no more for now.
struct Watched {
    io: Io,
    events: Arc<Slot>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.io.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = self.io.as_mut().poll_write(context, bytes);
        self.events.is_held_up.store(written.is_pending(), Ordering::Relaxed);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = self.io.as_mut().poll_write_vectored(context, parts);
        self.events.is_held_up.store(written.is_pending(), Ordering::Relaxed);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.io.as_mut().poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.io.as_mut().poll_shutdown(context)
    }
}

impl Connection {
    /// The router is told `from` where its requests come: who tries keys is counted by address.
    pub(super) fn new(http: &http1::Builder, io: Io, from: SocketAddr, router: Router) -> Self {
        let events = Arc::<Slot>::default();
        let io = Watched { io, events: Arc::clone(&events) };
        let router = TowerToHyperService::new(router);
        let answers = Answers { router, from, events: Arc::clone(&events) };
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
        let response = this.events.response.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(response) = response else {
            return Poll::Pending;
        };
        let taken = this.hyper.take().map(|hyper| hyper.into_parts().io.into_inner().io);
        Poll::Ready(Ok(taken.map(|io| Events { io, response })))
    }
}

/// The router as hyper knows it.
struct Answers {
    router: TowerToHyperService<Router>,
    from: SocketAddr,
    events: Arc<Slot>,
}

impl Service<hyper::Request<Incoming>> for Answers {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: hyper::Request<Incoming>) -> Answering {
        // An older client is told the end by the end of the connection, which hyper sees to; who
        // asks for the head alone gets no events.
        let may_stream = request.version() == Version::HTTP_11 && request.method() == Method::GET;
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(self.from));
        Answering {
            events: may_stream.then(|| Arc::clone(&self.events)),
            answer: self.router.call(request),
        }
    }
}

pin_project! {
    /// An answer on its way.
    struct Answering {
        #[pin]
        answer: TowerToHyperServiceFuture<Router, Request>,
        events: Option<Arc<Slot>>,
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.answer.poll(context))?;
        let Some(slot) = this
            .events
            .take_if(|slot| is_stream(&response) && !slot.is_held_up.load(Ordering::Relaxed))
        else {
            return Poll::Ready(Ok(response));
        };
        // Hyper is left waiting: the connection is taken from it before it is polled again.
        *slot.response.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        Poll::Pending
    }
}

fn is_stream(response: &Response) -> bool {
    const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
    response.headers().get(CONTENT_TYPE) == Some(&EVENTS)
}

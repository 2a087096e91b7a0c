//! One connection: requests and answers by hyper, until one of the answers is a stream of events.

use std::convert::Infallible;
use std::future::Future;
use std::io::IoSlice;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
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
use tower_http::timeout::TimeoutBody;

use super::Patience;
use super::course::{Answer, Course, NextHead};

/// What is read from and written to; pinned, since its time limits are.
pub(super) type Io = Pin<Box<TimeoutStream<TcpStream>>>;

/// A connection until it ends, or is taken from hyper.
pub(super) struct Connection {
    /// Nothing once it was taken.
    hyper: Option<http1::Connection<TokioIo<Watched>, Answers>>,
    course: Arc<Course>,
    next: NextHead,
}

/// An answer that goes on for ever, and the connection that it is for.
pub(super) struct Events {
    pub(super) io: Io,
    pub(super) response: Response,
}

/// What hyper writes to. It tells when the client takes no more for now.
struct Watched {
    io: Io,
    course: Arc<Course>,
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
        self.course.is_held_up.store(written.is_pending(), Ordering::Relaxed);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = self.io.as_mut().poll_write_vectored(context, parts);
        self.course.is_held_up.store(written.is_pending(), Ordering::Relaxed);
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
    /// The router is told `from` where forms come: who tries keys is counted by address.
    pub(super) fn new(
        http: &http1::Builder,
        io: Io,
        from: SocketAddr,
        router: Router,
        patience: Patience,
    ) -> Self {
        let course = Arc::<Course>::default();
        let io = Watched { io, course: Arc::clone(&course) };
        let router = TowerToHyperService::new(router);
        let body = patience.body;
        let answers = Answers { router, from, body, course: Arc::clone(&course) };
        let hyper = Some(http.serve_connection(TokioIo::new(io), answers));
        Self { hyper, course, next: NextHead::new(patience.head) }
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
        let response = this.course.events.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(response) = response else {
            ready!(this.next.poll_overdue(context, &this.course));
            tracing::debug!("a client let its next request be waited for too long");
            return Poll::Ready(Ok(None));
        };
        let taken = this.hyper.take().map(|hyper| hyper.into_parts().io.into_inner().io);
        Poll::Ready(Ok(taken.map(|io| Events { io, response })))
    }
}

/// The router as hyper knows it.
struct Answers {
    router: TowerToHyperService<Router>,
    from: SocketAddr,
    /// How long a body may stop arriving.
    body: Duration,
    course: Arc<Course>,
}

impl Service<hyper::Request<Incoming>> for Answers {
    type Response = axum::http::Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: hyper::Request<Incoming>) -> Answering {
        self.course.asked.fetch_add(1, Ordering::Relaxed);
        // An older client is told the end by the end of the connection, which hyper sees to; who
        // asks for the head alone gets no events.
        let may_stream = request.version() == Version::HTTP_11 && request.method() == Method::GET;
        // Most requests have none, and then it need not be put into boxes.
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(TimeoutBody::new(self.body, body))
            }
        });
        if request.method() == Method::POST {
            request.extensions_mut().insert(ConnectInfo(self.from));
        }
        Answering {
            may_stream,
            course: Arc::clone(&self.course),
            answer: self.router.call(request),
        }
    }
}

pin_project! {
    /// An answer on its way.
    struct Answering {
        #[pin]
        answer: TowerToHyperServiceFuture<Router, Request>,
        may_stream: bool,
        course: Arc<Course>,
    }
}

impl Future for Answering {
    type Output = Result<axum::http::Response<Answer>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.answer.poll(context))?;
        let course = &*this.course;
        if !(*this.may_stream && is_stream(&response)) || course.is_held_up.load(Ordering::Relaxed)
        {
            let course = Arc::clone(course);
            return Poll::Ready(Ok(response.map(|body| Answer::new(body, course))));
        }
        // Hyper is left waiting: the connection is taken from it before it is polled again.
        *course.events.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
        Poll::Pending
    }
}

fn is_stream(response: &Response) -> bool {
    const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
    response.headers().get(CONTENT_TYPE) == Some(&EVENTS)
}

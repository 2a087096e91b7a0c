//! Answers as axum's responses.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame};

use crate::EventStream;
use crate::routes::{Answer, Content};

pub(super) fn respond(answer: Answer) -> Response {
    answer.map(|content| match content {
        Content::Nothing => Body::empty(),
        Content::Json(body) => Body::from(body),
        Content::Module(text) => Body::from(text),
        Content::Events(stream) => Body::new(EventBody(stream)),
    })
}

/// A stream as a response has it.
struct EventBody(Box<EventStream>);

impl HttpBody for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = ready!(Pin::new(&mut self.0).poll_next(context));
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(Bytes::from(chunk)))))
    }
}

//! Answers as actix-web's responses.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use futures_core::Stream;

use crate::EventStream;
use crate::actix::problem::status;
use crate::routes::{Answer, Content};

pub(super) fn respond(answer: Answer, method: &Method) -> HttpResponse {
    let (parts, content) = answer.into_parts();
    let mut response = HttpResponse::build(status(parts.status));
    for (name, value) in &parts.headers {
        // The same types of an older `http`, which has the same rules.
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.append_header((name, value));
        }
    }
    match content {
        Content::Json(body) => response.body(body),
        Content::Module(text) => response.body(text),
        // Of a head the server sends no body, but it would read on and on.
        Content::Events(stream) if method != Method::HEAD => response.body(EventBody(stream)),
        Content::Nothing | Content::Events(_) => response.finish(),
    }
}

/// A stream as a response has it.
struct EventBody(Box<EventStream>);

impl MessageBody for EventBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let chunk = std::task::ready!(Pin::new(&mut self.0).poll_next(context));
        Poll::Ready(chunk.map(|chunk| Ok(Bytes::from(chunk))))
    }
}

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_core::Stream;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use http_body::{Body as HttpBody, Frame};

use super::Problem;
use super::query::Query;
use super::reader_tag;
use super::signed_in::SignedIn;
use crate::{AsOf, Error, EventStream};

/// nginx, and those that learned it from there, then pass on each event at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What happens in the inbox, as server-sent events, until the reader goes.
///
/// `message` is an item that arrived, as in a page, and has an `id`. `read` names items that were
/// marked read, with `unread` marked unread again, with `gone` dismissed or retracted; where its
/// `ids` are null, whoever shows a list reads it again. `count` says how many are unread, at the
/// beginning and after every change. To resume, the last `id` is sent back, to whichever server:
/// everything that arrived since comes first. Whoever shows a list reads it again after the stream
/// has begun.
#[utoipa::path(
    get, path = "/inbox/stream", tag = "inbox",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "The last `id` received"),
        ("last_event_id" = Option<String>, Query, description = "The same for clients that cannot set the header, which counts if both are there", pattern = r"^([01]?[0-9a-f]{1,13}(\.[01]?[0-9a-f]{1,13})?)?$"),
    ),
    responses(
        (status = 200, description = "Events until either end closes the connection", body = String, content_type = "text/event-stream", headers(
            ("Restante-Reader" = String, description = "Whose inbox it is: the same for the same user, and opaque"),
        )),
        (status = 400, description = "The query is not percent-encoded UTF-8", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The id is none of a stream", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "The user has 100 streams already", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn stream_inbox(
    SignedIn(inbox): SignedIn,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stream = inbox.event_stream(after(&query, &headers)?).map_err(refused)?;
    let mut response = Response::new(Body::new(EventBody(stream)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    reader_tag::insert(headers, inbox.user());
    Ok(response)
}

fn after(query: &Query, headers: &HeaderMap) -> Result<Option<AsOf>, Error> {
    const FIELD: &str = "last_event_id";
    let refused = |_| Error::invalid(FIELD, "must be an `id` of a stream");
    if let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) {
        return id.to_str().unwrap_or("?").parse().map(Some).map_err(refused);
    }
    query.get(FIELD)?.map(|id| id.parse().map_err(refused)).transpose()
}

fn refused(error: Error) -> Problem {
    if error.is_too_large() {
        return Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "urn:restante:problem:too-many-streams",
            "Too many streams",
            "a user has at most 100 live streams at once",
        );
    }
    Problem::from(error)
}

/// A stream as a response has it.
struct EventBody(EventStream);

impl HttpBody for EventBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = std::task::ready!(Pin::new(&mut self.0).poll_next(context));
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(Bytes::from(chunk)))))
    }
}

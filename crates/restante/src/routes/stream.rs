use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::answer::{Answer, Content};
use super::query::Query;
use super::reader_tag;
use crate::headers::{Headers, text};
use crate::{AsOf, Error, Inbox, Problem};

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
pub(crate) fn stream_inbox(
    inbox: &Inbox,
    query: &Query,
    headers: &impl Headers,
) -> Result<Answer, Problem> {
    let stream = inbox.event_stream(after(query, headers)?).map_err(refused)?;
    let mut answer = Response::new(Content::Events(Box::new(stream)));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    reader_tag::insert(headers, inbox.user());
    Ok(answer)
}

fn after(query: &Query, headers: &impl Headers) -> Result<Option<AsOf>, Error> {
    const FIELD: &str = "last_event_id";
    let refused = |_| Error::invalid(FIELD, "must be an `id` of a stream");
    if let Some(id) = headers.first(LAST_EVENT_ID).filter(|id| !id.is_empty()) {
        return text(id).unwrap_or("?").parse().map(Some).map_err(refused);
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

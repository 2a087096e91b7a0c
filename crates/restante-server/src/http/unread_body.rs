//! Answers that come before the request has been read.
//!
//! A caller without a right key is refused by the head alone. Were the connection closed while the
//! body still arrives, the system would throw the answer away with it, and the caller would see a
//! broken connection instead of the reason. So what is small is read to its end first.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// How much is read, and for how long it is waited for.
const BYTES: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads what a refusal left of the body.
pub(super) async fn read_on(request: Request, next: Next) -> Response {
    // Who waits to be told to go on has not sent anything, and must not be told so now.
    if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body));
    let lent = Body::new(Lent(Arc::clone(&body)));
    let response = next.run(Request::from_parts(head, lent)).await;
    if response.status().is_client_error() {
        // Longer ones are cut off: nobody should make us read gigabytes to be refused.
        let _ = tokio::time::timeout(PATIENCE, read_away(Lent(body))).await;
    }
    response
}

async fn read_away(mut body: Lent) {
    let mut read = 0;
    while read < BYTES {
        match body.frame().await {
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) | None => return,
        }
    }
}

/// A body that whoever lent it can go on reading.
struct Lent(Arc<Mutex<Body>>);

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // Each reads at a time of its own, so nobody waits for this lock.
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

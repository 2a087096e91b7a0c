//! Errors as responses.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};

use crate::problem::RETRY_AFTER_SECONDS;
use crate::{Error, Problem};

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.passes() {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response
    }
}

/// `application/problem+json` with the status of the error's kind: 422 for input that breaks a rule
/// or is past a limit, 404, 409, 503 with `Retry-After`, 501, and 500, which is logged whole and
/// tells the client nothing.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

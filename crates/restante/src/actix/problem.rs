//! Errors as responses.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};

use crate::problem::{RETRY_AFTER_SECONDS, status_of};
use crate::{Error, Problem};

/// actix-web has the same type of an older `http`.
pub(super) fn status(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(self.status())
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        if self.passes() {
            response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        response.body(self.body())
    }
}

impl Responder for Problem {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.error_response()
    }
}

/// `application/problem+json` with the status of the error's kind: 422 for input that breaks a rule
/// or is past a limit, 404, 409, 503 with `Retry-After`, 501, and 500, which is logged whole and
/// tells the client nothing.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status(status_of(self))
    }

    fn error_response(&self) -> HttpResponse {
        Problem::of(self).error_response()
    }
}

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue};

use crate::MessagesRejection;
use crate::flash::Framework;

impl IntoResponse for MessagesRejection {
    fn into_response(self) -> Response {
        let advice = self.advice(Framework::Axum);
        if self.status().is_server_error() {
            tracing::error!("{advice}");
        }
        let mut response = Response::new(Body::from(advice));
        *response.status_mut() = self.status();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        response
    }
}

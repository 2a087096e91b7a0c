use std::error::Error as StdError;

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};

/// An answer that is the same for everyone.
#[derive(Debug)]
pub(super) struct Written {
    content_type: &'static str,
    /// Nothing when it could not be written, which is a fault of ours and logged.
    body: Option<Bytes>,
    etag: String,
}

impl Written {
    pub(super) fn new(
        content_type: &'static str,
        text: Result<String, Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let body = match text {
            Ok(text) => Some(Bytes::from(text)),
            Err(error) => {
                let error: &(dyn StdError + 'static) = error.as_ref();
                tracing::error!(error, "the description of the routes cannot be written");
                None
            }
        };
        let hash = Sha256::digest(body.as_deref().unwrap_or_default());
        Self { content_type, body, etag: format!("\"{}\"", BASE64.encode(&hash[..12])) }
    }

    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let Some(body) = &self.body else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        // Nobody's own, but another release may say something else.
        let common = [(CACHE_CONTROL, "no-cache"), (ETAG, &self.etag)];
        let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        if known.into_iter().any(|tags| tags == "*" || tags.contains(&self.etag)) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        (common, [(CONTENT_TYPE, self.content_type)], body.clone()).into_response()
    }
}

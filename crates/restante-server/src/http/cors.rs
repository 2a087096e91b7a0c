use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::CorsLayer;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const RESTANTE_READER: HeaderName = HeaderName::from_static("restante-reader");

/// Lets pages of these origins read what they ask for with a token. No cookie of ours counts for
/// them.
pub(super) fn layer(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, LAST_EVENT_ID])
        .expose_headers([ETAG, LINK, RETRY_AFTER, RESTANTE_READER])
        .max_age(Duration::from_secs(3600))
}

/// Reads an origin as browsers write it: scheme, host and port, nothing else.
pub(crate) fn parse_origin(text: &str) -> Result<HeaderValue, String> {
    let refused = || "must be like https://app.example.org".to_owned();
    let (scheme, host) = text.split_once("://").ok_or_else(refused)?;
    let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
    if !["http", "https"].contains(&scheme) || host.is_empty() || !host.chars().all(is_host) {
        return Err(refused());
    }
    HeaderValue::from_str(text).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for good in ["https://app.example.org", "http://localhost:3000", "http://[::1]:3000"] {
            assert!(parse_origin(good).is_ok(), "{good}");
        }
        for bad in ["*", "null", "app.example.org", "https://", "https://a/", "https://A.example"] {
            assert!(parse_origin(bad).is_err(), "{bad}");
        }
    }
}

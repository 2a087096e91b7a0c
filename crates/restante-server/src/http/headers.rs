use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// No script, no frame, nothing from elsewhere: a message that got past the escaping would still
/// find nothing to run.
const POLICY: &str =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Adds what all answers carry, pages and errors alike.
pub(super) fn complete(headers: &mut HeaderMap) {
    headers.reserve(4);
    set(headers, header::CONTENT_SECURITY_POLICY, POLICY);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "same-origin");
    // Styles say so themselves; everything else is somebody's own.
    if !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, header::CACHE_CONTROL, "private, no-store");
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

//! Requests that a page of another site made.

use http::StatusCode;
use http::header::{HOST, HeaderName, ORIGIN};

use crate::Problem;
use crate::headers::{Headers, text};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request that would change something and that a page of another site made.
/// `authority` is the host of the address, which HTTP/2 has there.
pub(crate) fn check_origin(
    method: &str,
    headers: &impl Headers,
    authority: Option<&str>,
) -> Result<(), Problem> {
    let changes = !matches!(method, "GET" | "HEAD" | "OPTIONS");
    if changes && !is_own(headers, authority) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "urn:restante:problem:cross-site",
            "The request came from another site",
            "only the app's own pages may change a user's messages",
        ));
    }
    Ok(())
}

fn is_own(headers: &impl Headers, authority: Option<&str>) -> bool {
    let mut sites = headers.all(SEC_FETCH_SITE).peekable();
    if sites.peek().is_some() {
        return sites.all(|site| site == b"same-origin" || site == b"none");
    }
    let mut origins = headers.all(ORIGIN).peekable();
    if origins.peek().is_none() {
        return true;
    }
    let host = authority.or_else(|| headers.first(HOST).and_then(text));
    host.is_some_and(|host| origins.all(|origin| is_origin_of(origin, host)))
}

/// Whether the page's host is the one that was called. The scheme is not compared: behind a proxy
/// that ends TLS it is not known here.
fn is_origin_of(origin: &[u8], host: &str) -> bool {
    let Some((scheme, page)) = text(origin).and_then(|text| text.split_once("://")) else {
        return false;
    };
    let default_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let without_port = |host: &str| host.strip_suffix(default_port).unwrap_or(host).to_owned();
    !host.is_empty() && without_port(page).eq_ignore_ascii_case(&without_port(host))
}

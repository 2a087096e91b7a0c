//! A request's headers, in whichever version of `http` the framework has them.

use http::header::HeaderName;

/// What is asked of a request's headers.
pub(crate) trait Headers {
    /// The values of all headers of this name, in their order.
    fn all(&self, name: HeaderName) -> impl DoubleEndedIterator<Item = &[u8]>;

    /// The value of the first.
    fn first(&self, name: HeaderName) -> Option<&[u8]> {
        self.all(name).next()
    }
}

impl Headers for http::HeaderMap {
    fn all(&self, name: HeaderName) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.get_all(name).iter().map(http::HeaderValue::as_bytes)
    }

    fn first(&self, name: HeaderName) -> Option<&[u8]> {
        self.get(name).map(http::HeaderValue::as_bytes)
    }
}

/// A header's value, where it is text.
#[cfg(any(feature = "inbox-routes", feature = "testing"))]
pub(crate) fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|b| (b' '..=b'~').contains(&b) || b == b'\t'))
}

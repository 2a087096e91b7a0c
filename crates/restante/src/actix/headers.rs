use actix_web::http::header::{HeaderMap, HeaderValue};
use http::header::HeaderName;

use crate::headers::Headers;

impl Headers for HeaderMap {
    fn all(&self, name: HeaderName) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.get_all(name.as_str()).map(HeaderValue::as_bytes)
    }

    fn first(&self, name: HeaderName) -> Option<&[u8]> {
        self.get(name.as_str()).map(HeaderValue::as_bytes)
    }
}

//! Whose inbox an answer is about, without saying so.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::UserId;

const RESTANTE_READER: HeaderName = HeaderName::from_static("restante-reader");

/// Adds `Restante-Reader`: the tabs of a browser share one stream, and must notice when another user
/// signs in by cookie in one of them.
pub(super) fn insert(headers: &mut HeaderMap, user: &UserId) {
    let hash = Sha256::new().chain_update(b"restante reader ").chain_update(user.as_str());
    let tag = hash.finalize()[..8].iter().fold(String::with_capacity(16), |mut tag, byte| {
        for digit in [byte >> 4, byte & 15] {
            tag.extend(char::from_digit(u32::from(digit), 16));
        }
        tag
    });
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(RESTANTE_READER, tag);
    }
}

//! Answers, before a framework makes its response of them.

use http::header::{CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use http::{Response, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::headers::{Headers, text};
use crate::{Count, Error, EventStream, Problem};

/// An answer to a request.
pub(crate) type Answer = Response<Content>;

/// What an answer has in its body.
#[derive(Debug)]
pub(crate) enum Content {
    Nothing,
    Json(Vec<u8>),
    Module(&'static str),
    /// Until either end closes the connection. Apart, so that other answers are small.
    Events(Box<EventStream>),
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Content::Nothing);
    *answer.status_mut() = status;
    answer
}

/// An answer with the hash of its content, or 304 when the client has that content.
pub(super) fn tagged<T: Serialize>(request: &impl Headers, content: &T) -> Result<Answer, Problem> {
    let body = written(content)?;
    let tag = tag_of(&body);
    Ok(tagged_as(request, body, tag))
}

/// The same for a count, of which the tag is the content itself.
pub(super) fn tagged_count(request: &impl Headers, count: &Count) -> Result<Answer, Problem> {
    let body = written(count)?;
    let mut tag = String::with_capacity(body.len() + 4);
    tag.push_str("W/\"");
    tag.extend(body.iter().copied().filter(|&byte| is_plain(byte)).map(char::from));
    tag.push('"');
    Ok(tagged_as(request, body, tag))
}

/// Whether a byte of JSON may stand in a tag. Two counts differ in their digits.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b','
}

/// The tag is weak: a layer of the app may compress the answer, which leaves its meaning alone.
fn tagged_as(request: &impl Headers, body: Vec<u8>, tag: String) -> Answer {
    let opaque = tag.trim_start_matches("W/");
    let mut answer = if has_current(request, opaque) {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        json_answer(body)
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}

/// An answer to a request that changed something.
pub(super) fn json<T: Serialize>(content: &T) -> Result<Answer, Problem> {
    written(content).map(json_answer)
}

fn written<T: Serialize>(content: &T) -> Result<Vec<u8>, Problem> {
    let body = serde_json::to_vec(content).map_err(|error| {
        Error::internal("http", "an answer could not be written as JSON").with_source(error)
    })?;
    Ok(body)
}

fn json_answer(body: Vec<u8>) -> Answer {
    let mut answer = Response::new(Content::Json(body));
    // There will be about as many in the end, also in an app that adds some of its own.
    answer.headers_mut().reserve(12);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// 128 bits of the hash, as a weak tag.
pub(super) fn tag_of(body: &[u8]) -> String {
    // Written by hand: the formatter would take longer than the hash.
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut tag = String::with_capacity(36);
    tag.push_str("W/\"");
    for byte in &Sha256::digest(body)[..16] {
        tag.push(DIGITS[usize::from(byte >> 4)]);
        tag.push(DIGITS[usize::from(byte & 15)]);
    }
    tag.push('"');
    tag
}

/// Whether `If-None-Match` names the current content, compared as RFC 9110 has it for this header:
/// weak or strong makes no difference.
pub(super) fn has_current(request: &impl Headers, current: &str) -> bool {
    request.all(IF_NONE_MATCH).filter_map(text).any(|list| names(list, current))
}

/// Looks through a list of tags. A comma may stand inside of one, so they are read one by one; what
/// cannot be read ends the list.
fn names(list: &str, current: &str) -> bool {
    if list.trim() == "*" {
        return true;
    }
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let opaque = rest.strip_prefix("W/").unwrap_or(rest);
        let Some(length) = opaque.strip_prefix('"').and_then(|inside| inside.find('"')) else {
            return false;
        };
        let (tag, after) = opaque.split_at(length + 2);
        if tag == current {
            return true;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_every_form_of_the_header() {
        let yes =
            ["*", " * ", "\"a\"", "W/\"a\"", "\"b\", \"a\"", "W/\"b\",W/\"a\"", "\"x,y\",,\"a\""];
        for list in yes {
            assert!(names(list, "\"a\""), "{list}");
        }
        for list in ["", "a", "\"b\"", "\"a", "w/\"a\"", "\"b,\"a\"", "\"*\"", "*, \"b\""] {
            assert!(!names(list, "\"a\""), "{list}");
        }
    }
}

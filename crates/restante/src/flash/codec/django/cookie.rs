use std::ops::Range;

use super::key::SIGNATURE;
use super::{DjangoKey, Keep, payload, reading, timestamp, writing};

/// Most characters of a value unless told otherwise: Django's `max_cookie_size`.
pub const MAX_SIZE: usize = 2048;

/// A message as Django's cookie holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Any integer.
    pub level: i128,
    /// Plain text, or HTML if it is flagged safe. Whoever shows it had better escape it in either
    /// case: it was safe where it was written.
    pub text: String,
    /// Django tells none at all from empty ones, which is what its functions write by default.
    pub extra_tags: Option<String>,
    /// Whether Django holds the text for safe HTML.
    pub safe: bool,
}

impl Message {
    /// A message such as `messages.add_message(request, level, text)` makes.
    pub fn new(level: i128, text: impl Into<String>) -> Self {
        Self { level, text: text.into(), extra_tags: Some(String::new()), safe: false }
    }
}

/// What a cookie's value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cookie {
    /// In the order in which they were said.
    pub messages: Vec<Message>,
    /// Whether a list was read, be it an empty one.
    pub is_list: bool,
    /// False when some did not fit: Django keeps the rest in its session, or lost it.
    pub is_complete: bool,
    /// Whether none of the keys signed it, or Django cannot use what was signed: it is to be
    /// deleted. An empty value is an absent one.
    pub is_tampered: bool,
}

impl Cookie {
    const ABSENT: Self =
        Self { messages: Vec::new(), is_list: false, is_complete: true, is_tampered: false };
}

/// A value that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// What to set the cookie to; empty when there is nothing to be said and it is to be deleted.
    pub value: String,
    /// Which messages did not fit.
    pub unstored: Range<usize>,
}

impl DjangoKey {
    /// Reads a cookie's value. Never fails: what is not Django's holds no messages.
    pub fn read(&self, value: &str) -> Cookie {
        if value.is_empty() {
            return Cookie::ABSENT;
        }
        // The signature comes first: nothing that a stranger wrote is unpacked.
        match self.verify(value).and_then(read_signed) {
            Some(list) => Cookie {
                messages: list.messages,
                is_list: !list.is_null,
                is_complete: list.is_complete,
                is_tampered: false,
            },
            None => Cookie { is_tampered: true, ..Cookie::ABSENT },
        }
    }

    /// Writes a value of at most `max_size` characters, 0 being without limit, signed at this time
    /// in seconds since 1970. What does not fit is split off as Django does it: the oldest, or the
    /// newest where something else takes them.
    pub fn write(
        &self,
        messages: &[Message],
        seconds: i64,
        max_size: usize,
        keep: Keep,
    ) -> Written {
        let parts: Vec<String> = messages.iter().map(writing::message).collect();
        self.write_parts(&parts, &timestamp::written(seconds), max_size, keep, true)
    }

    /// Writes messages that are JSON already. A list that lost some before is marked even if all
    /// of the rest fit.
    pub(super) fn write_parts(
        &self,
        parts: &[String],
        timestamp: &str,
        max_size: usize,
        keep: Keep,
        is_complete: bool,
    ) -> Written {
        if parts.is_empty() && is_complete {
            return Written { value: String::new(), unstored: 0..0 };
        }
        let (payload, unstored) = {
            let is_too_large = |payload: &String| {
                max_size != 0 && payload.len() + timestamp.len() + 2 + SIGNATURE > max_size
            };
            let payload = packed(parts, is_complete);
            if is_too_large(&payload) {
                split(parts, keep, |part| is_too_large(&packed(part, false)))
            } else {
                (payload, 0..0)
            }
        };
        Written { value: self.sign(format!("{payload}:{timestamp}")), unstored }
    }

    /// Signs any bytes as if they were a list, for what must be refused although it is signed.
    #[cfg(any(test, fuzzing))]
    pub(in crate::flash) fn sign_json(&self, json: &[u8], seconds: i64) -> String {
        self.sign(format!("{}:{}", payload::pack(json), timestamp::written(seconds)))
    }

    /// Signs any text at all.
    #[cfg(any(test, fuzzing))]
    pub(in crate::flash) fn sign_text(&self, text: &str) -> String {
        self.sign(text.to_owned())
    }
}

/// Reads what was signed: payload and timestamp.
pub(super) fn read_signed(signed: &str) -> Option<reading::List> {
    let (payload, timestamp) = signed.rsplit_once(':')?;
    if !timestamp::is_readable(timestamp) {
        return None;
    }
    // As Latin-1, which every sequence of bytes is.
    let json: String = payload::unpack(payload)?.into_iter().map(char::from).collect();
    reading::list(&json)
}

fn packed(parts: &[String], is_complete: bool) -> String {
    payload::pack(writing::list(parts, is_complete).as_bytes())
}

/// The payload of as many messages as fit, and which do not. Searched by halves, as Django does:
/// compressed, a longer list can be the shorter one, so that another search would end elsewhere.
fn split(
    parts: &[String],
    keep: Keep,
    is_too_large: impl Fn(&[String]) -> bool,
) -> (String, Range<usize>) {
    let (mut low, mut high) = (0, parts.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let moves_up = match keep {
            Keep::Newest => is_too_large(&parts[middle..]),
            Keep::Oldest => !is_too_large(&parts[..=middle]),
        };
        if moves_up {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    match keep {
        Keep::Newest => (packed(&parts[low..], false), 0..low),
        Keep::Oldest => (packed(&parts[..low], false), low..parts.len()),
    }
}

//! The flash cookie: its signed value with its limit, and the settings that it is set with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Key;
use super::codec::{self, Carried};
use super::key::SIGNATURE;

/// What a cookie brought.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) messages: Vec<Carried>,
    /// False when some did not fit: the rest may be in the session.
    pub(super) complete: bool,
    /// Whether the value was not one of ours: the cookie is to be deleted.
    pub(super) tampered: bool,
}

/// Which messages go first when not all fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// The newest, for a cookie on its own.
    Newest,
    /// The oldest, where a session takes the rest.
    Oldest,
}

/// A value to be set, and how many messages of the list it left out, at the front or at the end.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) value: String,
    pub(super) left_out: usize,
}

/// Packs as many messages as fit into `limit` characters; 0 is without limit.
pub(super) fn pack(
    key: &Key,
    name: &str,
    messages: &[Carried],
    limit: usize,
    keep: Keep,
    complete: bool,
) -> Packed {
    let mut bodies: Vec<Vec<u8>> = messages
        .iter()
        .map(|carried| {
            let mut body = Vec::with_capacity(carried.message.text().len() + 16);
            codec::push(&mut body, carried);
            body
        })
        .collect();
    if keep == Keep::Newest {
        bodies.reverse();
    }
    let mut payload = codec::header(complete).to_vec();
    let mut taken = 0;
    for body in &bodies {
        if limit != 0 && value_length(payload.len() + body.len()) > limit {
            break;
        }
        payload.extend_from_slice(body);
        taken += 1;
    }
    let left_out = bodies.len() - taken;
    if keep == Keep::Newest {
        // Taken from the newest on, written from the oldest on.
        payload.truncate(2);
        bodies.iter().take(taken).rev().for_each(|body| payload.extend_from_slice(body));
    }
    if let (true, Some(flag)) = (left_out > 0, payload.get_mut(1)) {
        *flag = 0;
    }
    let signature = key.sign(name, &payload);
    payload.extend_from_slice(&signature);
    Packed { value: URL_SAFE_NO_PAD.encode(payload), left_out }
}

/// How many characters a payload of this many bytes becomes, with its signature.
const fn value_length(payload: usize) -> usize {
    ((payload + SIGNATURE) * 4).div_ceil(3)
}

/// The messages of a value, whoever signed it: for tests, which have no key.
#[cfg(feature = "testing")]
pub(crate) fn unverified(value: &str) -> Option<Vec<Carried>> {
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    let (payload, _) = bytes.split_last_chunk::<SIGNATURE>()?;
    Some(codec::read(payload)?.0)
}

/// Unpacks a value. An empty one is absent; one that is not signed by us was tampered with.
pub(super) fn unpack(key: &Key, name: &str, value: &str) -> Brought {
    if value.is_empty() {
        return Brought { complete: true, ..Brought::default() };
    }
    let tampered = Brought { complete: true, tampered: true, ..Brought::default() };
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(value) else { return tampered };
    let Some((payload, signature)) = bytes.split_last_chunk::<SIGNATURE>() else { return tampered };
    if !key.verify(name, payload, signature) {
        return tampered;
    }
    match codec::read(payload) {
        Some((messages, complete)) => Brought { messages, complete, tampered: false },
        None => tampered,
    }
}

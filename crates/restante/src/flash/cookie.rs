//! The flash cookie: its signed value with its limit, and the settings that it is set with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Key;
use super::codec::{Carried, own};
use super::key::SIGNATURE;

/// What a cookie or a session brought.
#[derive(Clone, Debug)]
pub(super) struct Brought {
    pub(super) messages: Vec<Carried>,
    /// Whether there was a value at all.
    pub(super) is_there: bool,
    /// False when some did not fit: the rest may be in the session.
    pub(super) complete: bool,
    /// Whether the value was not one of ours: it is to be deleted.
    pub(super) tampered: bool,
}

impl Brought {
    /// What comes of no value.
    pub(super) const NOTHING: Self =
        Self { messages: Vec::new(), is_there: false, complete: true, tampered: false };
}

/// Which messages stay when not all fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "django"), expect(unreachable_pub, reason = "shown by `django`"))]
pub enum Keep {
    /// The newest, for a cookie on its own.
    Newest,
    /// The oldest, where a session takes the rest.
    Oldest,
}

/// What a value will hold, and which messages of the list it left out, by their places, rising.
#[derive(Debug)]
pub(super) struct Packed {
    payload: Payload,
    pub(super) left_out: Vec<usize>,
}

#[derive(Debug)]
enum Payload {
    Own(Vec<u8>),
    /// Another codec's, signed already.
    #[cfg(feature = "django")]
    Signed(String),
}

impl Packed {
    fn own(payload: Vec<u8>, left_out: Vec<usize>) -> Self {
        Self { payload: Payload::Own(payload), left_out }
    }

    /// A value that needs nothing more.
    #[cfg(feature = "django")]
    pub(super) fn signed(value: String, left_out: Vec<usize>) -> Self {
        Self { payload: Payload::Signed(value), left_out }
    }

    /// The value, signed for the cookie of this name.
    pub(super) fn value(self, key: &Key, name: &str) -> String {
        match self.payload {
            Payload::Own(payload) => signed(key, name, payload),
            #[cfg(feature = "django")]
            Payload::Signed(value) => value,
        }
    }
}

/// A payload with its signature behind it, in characters that a cookie may hold.
pub(super) fn signed(key: &Key, name: &str, payload: impl Into<Vec<u8>>) -> String {
    let mut payload = payload.into();
    let signature = key.sign(name, &payload);
    payload.extend_from_slice(&signature);
    URL_SAFE_NO_PAD.encode(payload)
}

/// Packs as many messages as fit into `limit` characters; 0 is without limit. `complete` says
/// whether nothing was lost before.
pub(super) fn pack(messages: &[Carried], limit: usize, keep: Keep, complete: bool) -> Packed {
    let fits = |payload: usize| limit == 0 || value_length(payload) <= limit;
    let payload = encode(messages.iter(), complete);
    if fits(payload.len()) {
        return Packed::own(payload, Vec::new());
    }
    let mut one = Vec::new();
    let size = |carried: &Carried| {
        one.clear();
        own::push(&mut one, carried);
        one.len()
    };
    let sizes: Vec<usize> = messages.iter().map(size).collect();
    let header = own::header(complete).len();
    let mut total = header;
    let mut is_full = false;
    let mut left_out = Vec::new();
    let mut choose = |at: usize| {
        // On its own the cookie has no use for order: one message too large for any cookie does not
        // push out those before it.
        let is_hopeless = keep == Keep::Newest && !fits(header + sizes[at]);
        is_full |= !is_hopeless && !fits(total + sizes[at]);
        if is_full || is_hopeless {
            left_out.push(at);
        } else {
            total += sizes[at];
        }
    };
    match keep {
        Keep::Newest => (0..messages.len()).rev().for_each(&mut choose),
        Keep::Oldest => (0..messages.len()).for_each(&mut choose),
    }
    left_out.sort_unstable();
    let is_chosen = |at: &usize| left_out.binary_search(at).is_err();
    let chosen = (0..messages.len()).filter(is_chosen).map(|at| &messages[at]);
    let payload = encode(chosen, complete && left_out.is_empty());
    Packed::own(payload, left_out)
}

/// The messages in one go, with room for the signature behind them.
fn encode<'m>(messages: impl Iterator<Item = &'m Carried> + Clone, complete: bool) -> Vec<u8> {
    let room: usize = messages.clone().map(own::most_bytes).sum();
    let header = own::header(complete);
    let mut payload = Vec::with_capacity(header.len() + room + SIGNATURE);
    payload.extend_from_slice(&header);
    messages.for_each(|carried| own::push(&mut payload, carried));
    payload
}

/// How many characters a payload of this many bytes becomes, with its signature.
const fn value_length(payload: usize) -> usize {
    ((payload + SIGNATURE) * 4).div_ceil(3)
}

/// The messages of a value, whoever signed it: for tests, which have no key.
#[cfg(feature = "testing")]
pub(crate) fn unverified(value: &str) -> Option<Vec<Carried>> {
    // A character that our own values do not have.
    #[cfg(feature = "django")]
    if value.contains(':') {
        return super::codec::django::unverified(value);
    }
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    let (payload, _) = bytes.split_last_chunk::<SIGNATURE>()?;
    Some(own::read(payload)?.0)
}

/// Unpacks a value. An empty one is absent; one that is not signed by us was tampered with.
pub(super) fn unpack(key: &Key, name: &str, value: &str) -> Brought {
    if value.is_empty() {
        return Brought::NOTHING;
    }
    let tampered = Brought { is_there: true, tampered: true, ..Brought::NOTHING };
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(value) else { return tampered };
    let Some((payload, signature)) = bytes.split_last_chunk::<SIGNATURE>() else { return tampered };
    if !key.verify(name, payload, signature) {
        return tampered;
    }
    match own::read(payload) {
        Some((messages, complete)) => {
            Brought { messages, is_there: true, complete, tampered: false }
        }
        None => tampered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, Message};

    fn key() -> Key {
        Key::new([1; 32]).unwrap()
    }

    fn info(length: usize) -> Carried {
        Carried { message: Message::info("x".repeat(length)).with_stored(false), safe: false }
    }

    fn value(packed: Packed) -> String {
        packed.value(&key(), "messages")
    }

    #[test]
    fn line_43_just_as_much_as_the_limit_says_and_0_is_without() {
        for (length, fits) in [(1498, true), (1499, false)] {
            for keep in [Keep::Newest, Keep::Oldest] {
                let packed = pack(&[info(length)], 2048, keep, true);
                assert_eq!(packed.left_out.is_empty(), fits);
                assert_eq!(value(packed).len() == 2048, fits);
            }
        }
        let packed = pack(&[info(100_000)], 0, Keep::Newest, true);
        assert!(packed.left_out.is_empty() && value(packed).len() > 100_000);
    }

    #[test]
    fn lines_45_and_46_the_newest_or_the_oldest() {
        // Each takes three bytes more; 200 characters have room for 116 bytes beside the header.
        let messages = [info(10), info(20), info(60), info(30), info(10)];
        let left_out = |keep| pack(&messages, 200, keep, true).left_out;
        assert_eq!(left_out(Keep::Newest), [0, 1]);
        assert_eq!(left_out(Keep::Oldest), [3, 4]);
        let whole = value(pack(&messages[..2], 200, Keep::Newest, true));
        assert!(unpack(&key(), "messages", &whole).complete);
        let cut = value(pack(&messages, 200, Keep::Newest, true));
        assert!(!unpack(&key(), "messages", &cut).complete);
    }

    #[test]
    fn line_56_signed_but_odd_content_is_tampered_with() {
        for odd in [
            &[][..],
            &[1],
            &[2, 1],
            &[1, 2],
            &[1, 1, 40],
            &[1, 1, 40, 0, 200],
            &[1, 1, 40, 32, 0],
            &[1, 1, 40, 0, 1, 0xff],
            &[1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0],
        ] {
            let brought = unpack(&key(), "messages", &signed(&key(), "messages", odd));
            assert!(brought.tampered && brought.is_there && brought.messages.is_empty(), "{odd:?}");
        }
        let empty = signed(&key(), "messages", [1, 1]);
        assert!(!unpack(&key(), "messages", &empty).tampered, "an empty list");
    }

    #[test]
    fn line_80_the_safe_flag_survives() {
        let message = Message::new(Level::INFO, "<b>").with_stored(false);
        let messages = [Carried { message, safe: true }, info(1)];
        for (name, limit) in [("messages", 2048), (super::super::exchange::SESSION_KEY, 0)] {
            let value = pack(&messages, limit, Keep::Oldest, true).value(&key(), name);
            let brought = unpack(&key(), name, &value).messages;
            assert_eq!(brought.iter().map(|c| c.safe).collect::<Vec<_>>(), [true, false]);
        }
    }

    #[test]
    fn a_value_is_good_for_its_own_cookie_only() {
        let value = value(pack(&[info(1)], 0, Keep::Oldest, true));
        assert!(!unpack(&key(), "messages", &value).tampered);
        assert!(unpack(&key(), "message", &value).tampered);
        assert!(unpack(&key(), super::super::exchange::SESSION_KEY, &value).tampered);
    }
}

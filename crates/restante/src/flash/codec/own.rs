//! Restante's own codec: a list of messages in few bytes.
//!
//! Version 1, after a byte that says so:
//!
//! ```text
//! list    = version:1 complete:1 message*
//! message = level:zigzag-varint parts:1 text [tags] [url] [data]
//! text, tags, url, data = length:varint bytes:UTF-8
//! ```
//!
//! `parts` is a set of bits: which of tags, url and data follow, and whether the message asks to be
//! stored or is flagged safe. Varints are LEB128. Anything else is not a list: reading never panics
//! and never takes more memory than the bytes it is given.

use super::Carried;
use crate::{Level, Message};

const VERSION: u8 = 1;

const TAGS: u8 = 1;
const URL: u8 = 2;
const DATA: u8 = 4;
const STORED: u8 = 8;
const SAFE: u8 = 16;

/// The bytes in front of the messages. `complete` is false when some had to be left out.
pub(in crate::flash) fn header(complete: bool) -> [u8; 2] {
    [VERSION, u8::from(complete)]
}

/// No fewer bytes than [`push`] adds.
pub(in crate::flash) fn most_bytes(carried: &Carried) -> usize {
    // A level takes at most 5, the length of a text that fits into memory at most 10.
    const BESIDE_TEXTS: usize = 5 + 1 + 4 * 10;
    let message = &carried.message;
    let data = message.raw_data().map_or(0, |data| data.get().len());
    let url = message.link().map_or(0, str::len);
    BESIDE_TEXTS + message.text().len() + message.extra_tags().len() + url + data
}

/// Adds one message.
pub(in crate::flash) fn push(bytes: &mut Vec<u8>, carried: &Carried) {
    let Carried { message, safe } = carried;
    let level = message.level().value();
    push_varint(bytes, u64::from(((level << 1) ^ (level >> 31)).cast_unsigned()));
    let parts = [
        (!message.extra_tags().is_empty(), TAGS),
        (message.link().is_some(), URL),
        (message.raw_data().is_some(), DATA),
        (message.is_stored(), STORED),
        (*safe, SAFE),
    ];
    bytes.push(parts.iter().filter(|(is_there, _)| *is_there).map(|(_, bit)| bit).sum());
    push_text(bytes, message.text());
    if !message.extra_tags().is_empty() {
        push_text(bytes, message.extra_tags());
    }
    if let Some(url) = message.link() {
        push_text(bytes, url);
    }
    if let Some(data) = message.raw_data() {
        push_text(bytes, data.get());
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_varint(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn push_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

/// Reads a list: the messages, and whether it is complete. `None` when it is not a list.
pub(in crate::flash) fn read(bytes: &[u8]) -> Option<(Vec<Carried>, bool)> {
    let (&[version, complete], mut rest) = bytes.split_first_chunk()?;
    if version != VERSION || complete > 1 {
        return None;
    }
    let mut messages = Vec::new();
    while !rest.is_empty() {
        messages.push(read_message(&mut rest)?);
    }
    Some((messages, complete == 1))
}

fn read_message(rest: &mut &[u8]) -> Option<Carried> {
    let level = u32::try_from(read_varint(rest)?).ok()?;
    let level = (level >> 1).cast_signed() ^ -(level & 1).cast_signed();
    let (&parts, after) = rest.split_first()?;
    *rest = after;
    if parts & !(TAGS | URL | DATA | STORED | SAFE) != 0 {
        return None;
    }
    let text = read_text(rest)?;
    let tags = if parts & TAGS == 0 { "" } else { read_text(rest)? };
    let url = if parts & URL == 0 { None } else { Some(read_text(rest)?.to_owned()) };
    let data = if parts & DATA == 0 { None } else { Some(read_text(rest)?.to_owned()) };
    let message = Message::from_stored(Level::new(level), text, tags, url, data);
    let message = message.with_stored(parts & STORED != 0);
    Some(Carried { message, safe: parts & SAFE != 0 })
}

fn read_text<'b>(rest: &mut &'b [u8]) -> Option<&'b str> {
    let length = usize::try_from(read_varint(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

fn read_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(messages: &[Carried], complete: bool) -> Vec<u8> {
        let mut bytes = header(complete).to_vec();
        for message in messages {
            push(&mut bytes, message);
        }
        bytes
    }

    #[test]
    fn every_part_survives() {
        let plain = Message::new(Level::new(i32::MIN), "Grüße \u{1F600}\n<b>");
        let full = Message::new(Level::new(i32::MAX), "")
            .tag("a")
            .tag("b")
            .url("/x")
            .data(serde_json::json!({ "n": [1, null] }))
            .stored();
        let list = [Carried { message: plain, safe: true }, Carried { message: full, safe: false }];
        for complete in [true, false] {
            let (read, was_complete) = read(&encode(&list, complete)).unwrap();
            assert_eq!(was_complete, complete);
            for (read, said) in read.iter().zip(&list) {
                assert_eq!(read.message, said.message);
                assert_eq!(read.message.extra_tags(), said.message.extra_tags());
                assert_eq!(read.message.link(), said.message.link());
                let json = |message: &Message| message.raw_data().map(|data| data.get().to_owned());
                assert_eq!(json(&read.message), json(&said.message));
                assert_eq!(read.message.is_stored(), said.message.is_stored());
                assert_eq!(read.safe, said.safe);
            }
        }
    }

    #[test]
    fn a_short_message_is_short() {
        let saved = Carried { message: Message::success("Profile saved"), safe: false };
        assert_eq!(encode(&[saved], true).len(), 2 + 3 + "Profile saved".len());
    }

    #[test]
    fn whatever_it_is_given_it_does_not_panic() {
        let message = Message::info("hello").tag("t").url("/u").data(1);
        let good = encode(&[Carried { message, safe: true }], true);
        for cut in 0..good.len() {
            let _ = read(&good[..cut]);
        }
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let at = usize::try_from(random % bytes.len() as u64).unwrap();
            bytes[at] = random.to_le_bytes()[7];
            let _ = read(&bytes);
        }
        assert!(read(&[]).is_none());
        assert!(read(&[2, 1]).is_none());
        assert!(read(&[1, 1, 40, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).is_none());
    }
}

//! JSON in base64, compressed where that pays.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// No cookie comes near it; what goes past it is not unpacked.
const MOST_BYTES: usize = 16 << 20;

/// The payload of this JSON.
pub(super) fn pack(json: &[u8]) -> String {
    // A dot in front says that it is compressed, so one byte has to be won at least.
    match compressed(json) {
        Some(bytes) if bytes.len() + 1 < json.len() => {
            let mut payload = String::with_capacity(1 + bytes.len().div_ceil(3) * 4);
            payload.push('.');
            URL_SAFE_NO_PAD.encode_string(bytes, &mut payload);
            payload
        }
        _ => URL_SAFE_NO_PAD.encode(json),
    }
}

/// In one step, as Python's `zlib.compress`, so that the bytes are the same.
fn compressed(json: &[u8]) -> Option<Vec<u8>> {
    let mut compress = Compress::new(Compression::new(6), true);
    // Longer than the JSON is of no use; then the end is not reached.
    let mut bytes = Vec::with_capacity(json.len());
    let status = compress.compress_vec(json, &mut bytes, FlushCompress::Finish).ok()?;
    (status == Status::StreamEnd).then_some(bytes)
}

/// The JSON of a payload; nothing, when it is not one.
pub(super) fn unpack(payload: &str) -> Option<Vec<u8>> {
    match payload.strip_prefix('.') {
        Some(compressed) => decompressed(&decode(compressed)?),
        None => decode(payload),
    }
}

/// Stops at the end of the stream, whatever follows it, as Python does.
fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decompress = Decompress::new(true);
    let mut json = Vec::with_capacity(bytes.len() * 4);
    loop {
        let taken = usize::try_from(decompress.total_in()).ok()?;
        let length = json.len();
        let rest = bytes.get(taken..)?;
        let status = decompress.decompress_vec(rest, &mut json, FlushDecompress::None).ok()?;
        if status == Status::StreamEnd {
            return Some(json);
        }
        let is_stuck = decompress.total_in() == taken as u64 && json.len() == length;
        if (is_stuck && json.len() < json.capacity()) || json.len() >= MOST_BYTES {
            return None;
        }
        json.reserve(json.len().max(256));
    }
}

/// Base64 as Python's `urlsafe_b64decode` reads it after Django filled it up with `=`: both
/// alphabets, characters that belong to neither are skipped, and the first padding in its place is
/// the end.
fn decode(text: &str) -> Option<Vec<u8>> {
    let padding = text.len().wrapping_neg() % 4;
    let characters = text.bytes().chain(std::iter::repeat_n(b'=', padding));
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut place, mut pads, mut left) = (0, 0, 0_u8);
    for character in characters {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' if place >= 2 => {
                pads += 1;
                if place + pads >= 4 {
                    return Some(bytes);
                }
                continue;
            }
            _ => continue,
        };
        pads = 0;
        match place {
            0 => {}
            1 => bytes.push(left << 2 | value >> 4),
            2 => bytes.push(left << 4 | value >> 2),
            _ => bytes.push(left << 6 | value),
        }
        left = value;
        place = (place + 1) % 4;
    }
    (place == 0).then_some(bytes)
}

//! Random cookies, for as many seconds as `RESTANTE_FUZZ_SECONDS` says (one, if it says nothing).
//! `RESTANTE_FUZZ_SEED` runs one sequence again.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;

use super::checks::{check_header, check_list, parts};
use super::codec::{Carried, own};
use super::cookie::{self, Keep};
use super::cookie_settings::CookieSettings;
use super::key::{Key, SIGNATURE};
use crate::{Level, Message};

const NAME: &str = "messages";

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// Runs the check on fresh randomness until the time is over, at least once.
fn repeat(check: impl Fn(&mut Rng, &Key)) {
    let seconds = setting("RESTANTE_FUZZ_SECONDS").unwrap_or(1);
    let end = Instant::now() + Duration::from_secs(seconds);
    let key = Key::new([7; 32]).unwrap();
    let only = setting("RESTANTE_FUZZ_SEED");
    loop {
        let seed = only.unwrap_or_else(|| fastrand::u64(..));
        let check = std::panic::AssertUnwindSafe(|| check(&mut Rng::with_seed(seed), &key));
        if let Err(panic) = std::panic::catch_unwind(check) {
            eprintln!("again with RESTANTE_FUZZ_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
        if only.is_some() || Instant::now() >= end {
            return;
        }
    }
}

fn text(rng: &mut Rng, most: usize) -> String {
    (0..rng.usize(..=most)).map(|_| rng.char(..)).collect()
}

fn message(rng: &mut Rng) -> Carried {
    let level = if rng.bool() { rng.i32(..) } else { rng.i32(10..50) };
    let mut message = Message::new(Level::new(level), text(rng, 200)).with_stored(rng.bool());
    for _ in 0..rng.usize(..4) {
        message = message.tag((0..rng.usize(1..9)).map(|_| rng.alphanumeric()).collect::<String>());
    }
    if rng.bool() {
        message = message.url(text(rng, 50));
    }
    if rng.bool() {
        message = message.data(serde_json::json!({ text(rng, 5): [rng.i64(..), text(rng, 50)] }));
    }
    Carried { message, safe: rng.bool() }
}

fn messages(rng: &mut Rng) -> Vec<Carried> {
    (0..rng.usize(..8)).map(|_| message(rng)).collect()
}

fn encode(messages: &[Carried], complete: bool) -> Vec<u8> {
    let mut bytes = own::header(complete).to_vec();
    for message in messages {
        own::push(&mut bytes, message);
    }
    bytes
}

/// Changes some of the bytes: flips, takes away, puts in, repeats or cuts.
fn spoil(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(..=bytes.len());
        match rng.u8(..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(..8),
            1 if at < bytes.len() => _ = bytes.remove(at),
            2 => bytes.insert(at, rng.u8(..)),
            3 => bytes.insert(at, *rng.choice(&[0, 1, 0x7f, 0x80, 0xff]).unwrap_or(&0)),
            4 => bytes.truncate(at),
            _ => bytes.extend_from_within(at..),
        }
    }
}

#[test]
fn what_decodes_encodes_to_the_same_messages() {
    repeat(|rng, key| {
        let (said, complete) = (messages(rng), rng.bool());
        let mut bytes = encode(&said, complete);
        let (read, was_complete) = own::read(&bytes).expect("our own");
        assert_eq!((parts(&read), was_complete), (parts(&said), complete));

        spoil(rng, &mut bytes);
        check_list(key, &bytes);
    });
}

#[test]
fn a_flipped_bit_is_never_accepted() {
    repeat(|rng, key| {
        let value = cookie::pack(&messages(rng), 0, Keep::Oldest, true).value(key, NAME);
        assert!(!cookie::unpack(key, NAME, &value).tampered);
        // In what is signed and in the signature, then in the characters that stand for them.
        let bytes = URL_SAFE_NO_PAD.decode(&value).unwrap();
        assert!(bytes.len() >= SIGNATURE);
        for _ in 0..16 {
            let mut flipped = bytes.clone();
            flipped[rng.usize(..bytes.len())] ^= 1 << rng.u8(..8);
            assert!(cookie::unpack(key, NAME, &URL_SAFE_NO_PAD.encode(flipped)).tampered);
            let mut flipped = value.clone().into_bytes();
            flipped[rng.usize(..value.len())] ^= 1 << rng.u8(..8);
            if let Ok(flipped) = String::from_utf8(flipped) {
                assert!(cookie::unpack(key, NAME, &flipped).tampered);
            }
        }
        let mut spoilt = value.clone().into_bytes();
        spoil(rng, &mut spoilt);
        if let Ok(spoilt) = String::from_utf8(spoilt)
            && spoilt != value
            && !spoilt.is_empty()
        {
            assert!(cookie::unpack(key, NAME, &spoilt).tampered);
        }
    });
}

#[test]
fn a_cookie_header_may_hold_anything() {
    let settings = CookieSettings::default();
    repeat(|rng, key| {
        let value = cookie::pack(&messages(rng), 2048, Keep::Newest, true).value(key, NAME);
        let mut header = format!("a=b; {NAME}={value}; c=\"d\"").into_bytes();
        assert_eq!(settings.find(&header), Some(&*value));
        spoil(rng, &mut header);
        if let Some(found) = settings.find(&header) {
            let brought = cookie::unpack(key, NAME, found);
            assert!(brought.tampered || found == value || found.is_empty(), "{found}");
        }
        let noise: Vec<u8> =
            (0..rng.usize(..64)).map(|_| *rng.choice(b"mesag=;\" \xff").unwrap_or(&0)).collect();
        check_header(key, &noise);
    });
}

#[test]
fn a_packed_list_keeps_to_its_limit_and_loses_nothing() {
    repeat(|rng, key| {
        let (said, limit) = (messages(rng), rng.usize(48..3_000));
        let keep = if rng.bool() { Keep::Newest } else { Keep::Oldest };
        let packed = cookie::pack(&said, limit, keep, true);
        let left_out = packed.left_out.clone();
        let value = packed.value(key, NAME);
        assert!(value.len() <= limit);
        let brought = cookie::unpack(key, NAME, &value);
        assert_eq!(brought.complete, left_out.is_empty());
        let is_kept = |at: &usize| !left_out.contains(at);
        let kept: Vec<_> = (0..said.len()).filter(is_kept).map(|at| said[at].clone()).collect();
        assert_eq!(parts(&brought.messages), parts(&kept));
        if keep == Keep::Oldest {
            assert!(left_out.iter().copied().eq(kept.len()..said.len()), "a prefix");
        }
    });
}

#[cfg(feature = "django")]
#[test]
fn a_django_site_may_have_signed_anything() {
    use super::codec::django::DjangoKey;

    let key = DjangoKey::from_derived([7; 32]);
    let lists: [&[u8]; 3] = [
        br#"[["__json_message",1,25,"a\u00e9\ud83c\udf89","x y"],"__messagesnotfinished__"]"#,
        br#"[[["__json_message",true,20.5,5,null],{"a":"b"}],["__json_message",0,-1,"\ud800"]]"#,
        b"W1siX19qc29uX21lc3NhZ2UiLDAsMjAsImEiXV0=",
    ];
    repeat(|rng, _| {
        let mut bytes = lists[rng.usize(..lists.len())].to_vec();
        super::checks::check_django(&key, &bytes);
        spoil(rng, &mut bytes);
        super::checks::check_django(&key, &bytes);
    });
}

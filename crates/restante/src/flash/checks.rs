//! What holds for any bytes, for the random tests and for the fuzzer. In no ordinary build.

use super::codec::{self, Carried};
use super::cookie::{self, Keep};
use super::{CookieSettings, Key};

const NAME: &str = "messages";

/// A `Cookie` header may hold anything: what is found in it is read or refused.
pub(crate) fn check_header(key: &Key, header: &[u8]) {
    let settings = CookieSettings::default();
    if let Some(value) = settings.find(header) {
        let brought = cookie::unpack(key, NAME, value);
        assert!(brought.messages.is_empty() || !brought.tampered, "read, and refused: {value}");
    }
}

/// Signed by us, bytes are a list or refused, and a list says the same when it is written again.
pub(crate) fn check_list(key: &Key, bytes: &[u8]) {
    let brought = cookie::unpack(key, NAME, &cookie::signed(key, NAME, bytes));
    let Some((read, complete)) = codec::read(bytes) else {
        assert!(brought.tampered && brought.messages.is_empty());
        return;
    };
    assert_eq!((brought.tampered, brought.complete), (false, complete));
    assert_eq!(parts(&brought.messages), parts(&read));
    let again = cookie::pack(&read, 0, Keep::Oldest, complete);
    let again = cookie::unpack(key, NAME, &again.value(key, NAME));
    assert_eq!((again.tampered, again.complete), (false, complete));
    assert_eq!(parts(&again.messages), parts(&read));
}

/// All that is carried, so that it can be compared: messages are equal by level and text alone.
pub(super) fn parts(messages: &[Carried]) -> Vec<String> {
    let parts = messages.iter().map(|Carried { message, safe }| {
        let data = message.raw_data().map(serde_json::value::RawValue::get);
        let (level, is_stored) = (message.level(), message.is_stored());
        let (text, tags, url) = (message.text(), message.extra_tags(), message.link());
        format!("{level:?} {text:?} {tags:?} {url:?} {data:?} {is_stored} {safe}")
    });
    parts.collect()
}

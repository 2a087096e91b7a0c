//! What holds for any bytes, for the random tests and for the fuzzer. In no ordinary build.

#[cfg(feature = "django")]
use super::codec::django::{self, DjangoKey};
use super::codec::{Carried, own};
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
    let Some((read, complete)) = own::read(bytes) else {
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

/// A `Cookie` header may hold anything; bytes that the site signed, as JSON or as a whole value, are
/// a list or refused; and what was read says the same when it is written again.
#[cfg(feature = "django")]
pub(crate) fn check_django(key: &DjangoKey, bytes: &[u8]) {
    let settings = CookieSettings::default();
    if let Some(value) = settings.find(bytes) {
        let cookie = key.read(value);
        assert!(cookie.messages.is_empty() || !cookie.is_tampered, "read, and refused: {value}");
    }
    let text = String::from_utf8_lossy(bytes);
    for value in
        [key.sign_json(bytes, 0), key.sign_text(&text), key.sign_text(&format!("{text}:0"))]
    {
        let read = key.read(&value);
        assert!(!read.is_tampered || read.messages.is_empty());
        for keep in [django::Keep::Newest, django::Keep::Oldest] {
            let again = key.read(&key.write(&read.messages, 0, 0, keep).value);
            assert_eq!((again.is_tampered, &again.messages), (false, &read.messages));
            let written = key.write(&read.messages, 0, 200, keep);
            assert!(written.value.len() <= 200);
            let part = key.read(&written.value);
            assert_eq!(part.is_complete, written.unstored.is_empty());
            let left = match keep {
                django::Keep::Newest => &read.messages[written.unstored.end..],
                django::Keep::Oldest => {
                    &read.messages[..read.messages.len() - written.unstored.len()]
                }
            };
            assert_eq!(part.messages, left);
        }
        let brought = django::unpack(key, &value);
        let packed = django::pack(key, &brought.messages, 0, Keep::Oldest, brought.complete);
        let again = django::unpack(key, &packed.value(&key.own(), NAME));
        assert_eq!((again.tampered, again.complete), (false, brought.complete));
        assert_eq!(parts(&again.messages), parts(&brought.messages));
    }
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

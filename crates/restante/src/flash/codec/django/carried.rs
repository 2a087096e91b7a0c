//! The layer's messages in Django's cookie.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{DjangoKey, Keep, Message, timestamp, writing};
use crate::Level;
use crate::flash::codec::Carried;
use crate::flash::cookie::{Brought, Packed};

/// Packs as many messages as fit, signed at this moment.
pub(in crate::flash) fn pack(
    key: &DjangoKey,
    messages: &[Carried],
    limit: usize,
    keep: Keep,
    is_complete: bool,
) -> Packed {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let timestamp = timestamp::written(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let parts: Vec<String> =
        messages.iter().map(|carried| writing::message(&from_carried(carried))).collect();

    let written = key.write_parts(&parts, &timestamp, limit, keep, is_complete);
    if written.unstored.is_empty() || keep == Keep::Oldest {
        return Packed::signed(written.value, written.unstored.collect());
    }
    // On its own the cookie has no use for order: one message too large for any cookie does not
    // push out those before it, as it does in Django.
    let is_hopeless = |part: &String| {
        let alone = key.write_parts(std::slice::from_ref(part), &timestamp, limit, keep, false);
        !alone.unstored.is_empty()
    };
    let (hopeless, kept): (Vec<_>, Vec<_>) =
        parts.into_iter().enumerate().partition(|(_, part)| is_hopeless(part));
    if hopeless.is_empty() {
        return Packed::signed(written.value, written.unstored.collect());
    }
    let (places, parts): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
    let written = key.write_parts(&parts, &timestamp, limit, keep, false);
    let mut left_out: Vec<usize> = hopeless.into_iter().map(|(at, _)| at).collect();
    left_out.extend(&places[written.unstored]);
    left_out.sort_unstable();
    Packed::signed(written.value, left_out)
}

/// Unpacks a value. An empty one is absent; one that is not signed by the site was tampered with.
pub(in crate::flash) fn unpack(key: &DjangoKey, value: &str) -> Brought {
    let cookie = key.read(value);
    Brought {
        messages: cookie.messages.into_iter().map(into_carried).collect(),
        is_there: !value.is_empty(),
        complete: cookie.is_complete,
        tampered: cookie.is_tampered,
    }
}

/// The messages of a value, whoever signed it: for tests, which have no key.
#[cfg(feature = "testing")]
pub(in crate::flash) fn unverified(value: &str) -> Option<Vec<Carried>> {
    let (signed, _) = value.rsplit_once(':')?;
    let list = super::cookie::read_signed(signed)?;
    Some(list.messages.into_iter().map(into_carried).collect())
}

/// The cookie has no place for a url or data; whoever adds a message with those is told.
fn from_carried(Carried { message, safe }: &Carried) -> Message {
    Message {
        level: message.level().value().into(),
        text: message.text().to_owned(),
        extra_tags: Some(message.extra_tags().to_owned()),
        safe: *safe,
    }
}

/// A level past what we can hold is as urgent as can be, or as little.
fn into_carried(message: Message) -> Carried {
    let level = message.level.clamp(i32::MIN.into(), i32::MAX.into());
    let level = Level::new(i32::try_from(level).unwrap_or_default());
    let tags = message.extra_tags.unwrap_or_default();
    let carried = crate::Message::from_stored(level, message.text, tags, None, None);
    Carried { message: carried.with_stored(false), safe: message.safe }
}

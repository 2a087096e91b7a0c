//! Messages from JSON, as Django makes them of it.
//!
//! Python is easy-going: a level may be a text, a text a number. Where Django fails the list is
//! refused whole; what is in it beside messages is skipped, because there is nothing to be shown of
//! it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

use super::Message;
use super::writing::{MESSAGE, NOT_FINISHED};

/// How deep lists may stand in each other. Python gives up, too, though later.
const MOST_DEEP: usize = 64;

/// What a payload holds.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) messages: Vec<Message>,
    pub(super) is_complete: bool,
    /// Whether it was `null`, of which Django thinks as of nothing at all.
    pub(super) is_null: bool,
}

/// Reads JSON that was decoded from Latin-1; nothing, when Django could not use it.
pub(super) fn list(json: &str) -> Option<List> {
    let value: &RawValue = serde_json::from_str(json).ok()?;
    let mut list = List { is_complete: true, ..List::default() };
    // Python goes over a text letter by letter: a list in which there is no message.
    if !is_truthy(value) || value.get().starts_with('"') {
        list.is_null = value.get() == "null";
        return Some(list);
    }
    let elements = elements(value)?;
    // Not in a list: a message that nobody can go over.
    if is_text(elements.first(), MESSAGE) {
        return None;
    }
    list.is_complete = !is_text(elements.last(), NOT_FINISHED);
    for element in elements {
        match self::elements(element) {
            Some(parts) if is_text(parts.first(), MESSAGE) => list.messages.push(message(&parts)?),
            _ if !is_usable(element, MOST_DEEP) => return None,
            _ => {}
        }
    }
    Some(list)
}

/// Whether Django can make something of it: messages are made wherever they stand, shown or not.
fn is_usable(value: &RawValue, deepest: usize) -> bool {
    let json = value.get();
    if !json.starts_with(['[', '{']) {
        return true;
    }
    let Some(deepest) = deepest.checked_sub(1) else { return false };
    if let Some(elements) = elements(value) {
        if is_text(elements.first(), MESSAGE) {
            return message(&elements).is_some();
        }
        return elements.iter().all(|element| is_usable(element, deepest));
    }
    let object = serde_json::from_str::<BTreeMap<String, &RawValue>>(json);
    object.is_ok_and(|object| object.values().all(|value| is_usable(value, deepest)))
}

fn message(parts: &[&RawValue]) -> Option<Message> {
    let (safe, level, text, tags) = match parts {
        [_, safe, level, text] => (safe, level, text, None),
        [_, safe, level, text, tags] => (safe, level, text, Some(tags)),
        _ => return None,
    };
    let extra_tags = match tags {
        Some(tags) if tags.get() != "null" => Some(shown(tags)?),
        _ => None,
    };
    Some(Message { level: number(level)?, text: shown(text)?, extra_tags, safe: is_truthy(safe) })
}

/// The elements of an array.
fn elements(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

fn is_text(value: Option<&&RawValue>, expected: &str) -> bool {
    value.is_some_and(|value| text(value).is_some_and(|text| text == expected))
}

/// A string. Half a surrogate pair, which Python keeps, becomes a replacement character.
fn text(value: &RawValue) -> Option<String> {
    let Units(bytes) = serde_json::from_str(value.get()).ok()?;
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Some(text),
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        // A half comes as three bytes, each an error of its own.
        if chunk.invalid().first() == Some(&0xed) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Some(text)
}

/// What Python prints; nothing for what holds others.
fn shown(value: &RawValue) -> Option<String> {
    match value.get() {
        "null" => Some("None".to_owned()),
        "true" => Some("True".to_owned()),
        "false" => Some("False".to_owned()),
        json if json.starts_with(['[', '{']) => None,
        json if json.starts_with('"') => text(value),
        number => Some(number.to_owned()),
    }
}

/// Python's `int`: of a number what is before its point, and of a text what it spells.
fn number(value: &RawValue) -> Option<i128> {
    match value.get() {
        "true" => Some(1),
        "false" => Some(0),
        json if json.starts_with('"') => spelled(text(value)?.trim()),
        json if json.contains(['.', 'e', 'E']) => {
            let number = json.parse::<f64>().ok().filter(|number| number.is_finite())?;
            format!("{:.0}", number.trunc()).parse().ok()
        }
        json => json.parse().ok(),
    }
}

/// Digits with a sign, and single underscores between them.
fn spelled(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_group = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    digits.split('_').all(is_group).then(|| text.replace('_', "").parse().ok())?
}

/// What Python counts as true.
fn is_truthy(value: &RawValue) -> bool {
    match value.get() {
        "null" | "false" | "\"\"" => false,
        "true" => true,
        json if json.starts_with('"') => true,
        json if json.starts_with(['[', '{']) => !json[1..].trim_start().starts_with([']', '}']),
        number => number.parse::<f64>().is_ok_and(|number| number != 0.0),
    }
}

/// A string's bytes: UTF-8, but for halves of surrogate pairs.
struct Units(Vec<u8>);

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Units(Vec::new()))
    }
}

impl Visitor<'_> for Units {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self, E> {
        Ok(Self(bytes.to_owned()))
    }
}

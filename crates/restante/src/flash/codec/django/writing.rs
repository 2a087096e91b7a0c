//! Messages as the JSON that Django writes: compact, and ASCII alone, because it is read as Latin-1.

use std::fmt::Write as _;

use super::Message;

/// What a message begins with.
pub(super) const MESSAGE: &str = "__json_message";
/// The last element of a list that is not complete.
pub(super) const NOT_FINISHED: &str = "__messagesnotfinished__";

/// One message.
pub(super) fn message(message: &Message) -> String {
    let Message { level, text, extra_tags, safe } = message;
    let tags = extra_tags.as_deref();
    let mut json = String::with_capacity(32 + text.len() + tags.map_or(0, str::len));
    // A string takes everything.
    let _ = write!(json, "[\"{MESSAGE}\",{},{level},", u8::from(*safe));
    push_text(&mut json, text);
    if let Some(tags) = tags {
        json.push(',');
        push_text(&mut json, tags);
    }
    json.push(']');
    json
}

/// A list of messages that are JSON already, complete or not.
pub(super) fn list(messages: &[String], is_complete: bool) -> String {
    let mut json =
        String::with_capacity(messages.iter().map(|it| it.len() + 1).sum::<usize>() + 32);
    json.push('[');
    json.push_str(&messages.join(","));
    if !is_complete {
        if !messages.is_empty() {
            json.push(',');
        }
        push_text(&mut json, NOT_FINISHED);
    }
    json.push(']');
    json
}

fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            ' '..='~' => json.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
    }
    json.push('"');
}

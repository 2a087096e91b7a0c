//! The one way to the terminal.
//!
//! Texts come from anywhere. Whatever is written here passes [`visible`] first, so that no message
//! can move the cursor, colour the screen or turn the line around.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::backend::Answer;
use crate::failure::Failure;

/// Standard output and standard error.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    err: Stderr,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { out: BufWriter::new(io::stdout()), err: io::stderr() }
    }

    /// One line. A newline within `text` is shown, not obeyed.
    pub(crate) fn line(&mut self, text: impl fmt::Display) -> Result<(), Failure> {
        let text = text.to_string();
        writeln!(self.out, "{}", visible(&text)).map_err(cannot_write)
    }

    /// A value as JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let json = serde_json::to_string(value)
            .map_err(|error| Failure::said(format!("cannot write JSON: {error}")))?;
        self.raw_json(&json)
    }

    /// What a backend answered, as JSON.
    pub(crate) fn answer<T: DeserializeOwned>(
        &mut self,
        answer: &Answer<T>,
    ) -> Result<(), Failure> {
        self.raw_json(answer.json())
    }

    /// Laid out for a person at a terminal, as it is for a program.
    fn raw_json(&mut self, json: &str) -> Result<(), Failure> {
        let json = escape_json(json);
        let json = if self.out.get_ref().is_terminal() { laid_out(&json).into() } else { json };
        writeln!(self.out, "{json}").map_err(cannot_write)
    }

    /// A note for whoever sits at a terminal, beside what a program reads.
    pub(crate) fn note(&mut self, text: impl fmt::Display) -> Result<(), Failure> {
        self.flush()?;
        let text = text.to_string();
        writeln!(self.err, "{}", visible(&text)).map_err(cannot_write)
    }

    /// Writes out what is held back.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(cannot_write)
    }

    /// Tells why it did not work.
    pub(crate) fn complain(&mut self, failure: &Failure) {
        // What was written before belongs in front of it; where neither can be written, nobody
        // is there to be told.
        let _ = self.out.flush();
        let text = failure.to_string();
        let _ = writeln!(self.err, "restante: {}", visible(&text));
    }
}

fn cannot_write(error: io::Error) -> Failure {
    Failure::Io("cannot write".to_owned(), error)
}

/// Whether a terminal would act on it: control characters, and those that change the direction of
/// text or are not seen at all.
fn acts_on_a_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text with everything that a terminal would act on written out, `\u{1b}` for an escape.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_a_terminal) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => shown.push_str("    "),
            c if acts_on_a_terminal(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// JSON itself escapes only the lower control characters. DEL and the upper ones, which some
/// terminals obey, can stand in a string only, where `\u` means the same.
fn escape_json(json: &str) -> Cow<'_, str> {
    let acts = |c: char| c != '\n' && acts_on_a_terminal(c);
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if acts(c) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// JSON with a line for each value. Numbers and texts stay as they are written, which reading and
/// writing them again would not promise.
fn laid_out(json: &str) -> String {
    let mut shown = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut is_escaped) = (0, false, false);
    let mut characters = json.chars().peekable();
    while let Some(c) = characters.next() {
        if in_text {
            shown.push(c);
            in_text = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
            continue;
        }
        let closes = |next: Option<&char>| matches!(next, Some('}' | ']'));
        match c {
            c if c.is_ascii_whitespace() => {}
            '"' => {
                in_text = true;
                shown.push(c);
            }
            ':' => shown.push_str(": "),
            ',' => {
                shown.push(c);
                new_line(&mut shown, depth);
            }
            '{' | '[' => {
                shown.push(c);
                while characters.next_if(char::is_ascii_whitespace).is_some() {}
                if closes(characters.peek()) {
                    shown.extend(characters.next());
                } else {
                    depth += 1;
                    new_line(&mut shown, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut shown, depth);
                shown.push(c);
            }
            c => shown.push(c),
        }
    }
    shown
}

fn new_line(shown: &mut String, depth: usize) {
    shown.push('\n');
    shown.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(visible("Größe → 5"), "Größe → 5");
        assert_eq!(visible("\u{1b}[2J\u{9b}A\u{7f}"), "\\u{1b}[2J\\u{9b}A\\u{7f}");
        assert_eq!(visible("a\u{202e}b\r\nc\td"), "a\\u{202e}b\\r\\nc    d");
    }

    #[test]
    fn json_is_laid_out_as_usual_and_keeps_its_numbers() {
        let json = serde_json::json!({"a": [1, "x\\\"{,:}", []], "b": {}, "c": {"d": null}});
        let usual = serde_json::to_string_pretty(&json).unwrap();
        assert_eq!(laid_out(&json.to_string()), usual);
        assert_eq!(laid_out("{ \"n\" : 1.50 , \"e\":[ ]}"), "{\n  \"n\": 1.50,\n  \"e\": []\n}");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "\u{1b}\u{9b}\u{7f}\u{202e}é";
        let shown = escape_json(&serde_json::to_string(text).unwrap()).into_owned();
        assert_eq!(shown, "\"\\u001b\\u009b\\u007f\\u202eé\"");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }
}

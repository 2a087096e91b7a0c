//! JSON lines: one object in, one answer out, and a line that is not in order stops nobody.

use std::io::BufRead;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::Output;
use crate::failure::Failure;

/// A line that came in.
#[derive(Debug)]
pub(super) struct Line<'a>(&'a str);

/// Why a line has no answer.
#[derive(Debug)]
pub(super) struct Refused {
    field: Option<String>,
    reason: String,
}

impl Refused {
    pub(super) fn field(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: Some(name.into()), reason: reason.into() }
    }

    /// An element of a list, which the library refused.
    pub(super) fn at(list: &str, place: usize, error: &restante::Error) -> Self {
        Self::field(format!("{list}[{place}]"), said(error))
    }
}

impl From<restante::Error> for Refused {
    fn from(error: restante::Error) -> Self {
        Self { field: error.field().map(str::to_owned), reason: said(&error) }
    }
}

/// What the library said, without the field, which is told beside it.
pub(super) fn said(error: &restante::Error) -> String {
    let text = error.to_string();
    let field = error.field().map(|field| format!("{field}: ")).unwrap_or_default();
    text.strip_prefix(&field).map(str::to_owned).unwrap_or(text)
}

impl Line<'_> {
    /// The object, or those of its fields that this type has.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        // Serde would take a list for the fields in the order in which we happen to write them.
        if !self.0.trim_start().starts_with('{') {
            return Err(Refused { field: None, reason: "must be a JSON object".to_owned() });
        }
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| refused(&error.path().to_string(), error.inner()))?;
        json.end().map_err(|error| refused("", &error))?;
        Ok(value)
    }
}

/// Names the field by the way to it; one that is missing is named in words alone.
fn refused(path: &str, error: &serde_json::Error) -> Refused {
    let text = error.to_string();
    let missing = text.split_once(" field `").and_then(|(_, rest)| rest.split('`').next());
    let path = Some(path).filter(|path| !["", ".", "?"].contains(path));
    let field = match (path, missing) {
        (Some(path), Some(name)) => Some(format!("{path}.{name}")),
        (Some(name), None) | (None, Some(name)) => Some(name.to_owned()),
        (None, None) => None,
    };
    let end = text.rfind(" at line ").unwrap_or(text.len());
    Refused { field, reason: text[..end].to_owned() }
}

/// Answers every line of standard input as soon as it is there. Empty ones are passed over.
pub(super) fn answer_lines<T: Serialize>(
    output: &mut Output,
    answer: impl Fn(Line<'_>) -> Result<T, Refused>,
) -> Result<(), Failure> {
    let mut input = std::io::stdin().lock();
    let mut bytes = Vec::new();
    let (mut number, mut failed) = (0_u64, 0_u64);
    loop {
        bytes.clear();
        let length = input
            .read_until(b'\n', &mut bytes)
            .map_err(|error| Failure::Io("cannot read standard input".to_owned(), error))?;
        if length == 0 {
            break;
        }
        number += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let line = std::str::from_utf8(&bytes)
            .map_err(|_| Refused { field: None, reason: "must be UTF-8".to_owned() });
        match line.and_then(|line| answer(Line(line))) {
            Ok(answer) => output.json(&answer)?,
            Err(Refused { field, reason }) => {
                failed += 1;
                output.json(&json!({ "error": reason, "field": field, "line": number }))?;
            }
        }
        // Whoever writes the next line may wait for this answer.
        output.flush()?;
    }
    match failed {
        0 => Ok(()),
        1 => Err(Failure::said("one line was not in order")),
        failed => Err(Failure::said(format!("{failed} lines were not in order"))),
    }
}

//! A message as the body of a request, written while it is sent: a list may be long.

use std::io::{self, Read, Write};
use std::time::SystemTime;

use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use restante::{Error, Expires, Level};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::backend::{Letter, Recipients};
use crate::failure::Failure;

/// About as much as is sent at once.
const BUFFER: usize = 16 * 1024;

/// What `POST /v1/messages` takes, but the list.
#[derive(Serialize)]
struct Fields<'a> {
    message: &'a str,
    level: Level,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    everyone: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newcomers: Option<bool>,
}

impl<'a> Fields<'a> {
    fn of(letter: &'a Letter) -> Result<Self, Failure> {
        let data = letter.data.as_ref().map(|json| RawValue::from_string(json.clone()));
        let data = data.transpose().map_err(|error| {
            Error::invalid("data", format!("must be JSON: {error}")).with_source(error)
        })?;
        // A relative one stays relative: sent again with its key it must be the same message.
        let expires = match letter.expires {
            Expires::Default => None,
            Expires::Never => Some("never".to_owned()),
            Expires::In(after) => Some(span(after)?),
            Expires::At(time) => Some(timestamp(time)?.to_string()),
        };
        Ok(Self {
            message: &letter.text,
            level: letter.level,
            tags: &letter.tags,
            url: letter.url.as_deref(),
            data,
            expires,
            key: letter.key.as_deref(),
            everyone: matches!(letter.to, Recipients::Everyone).then_some(true),
            newcomers: letter.newcomers.then_some(true),
        })
    }
}

fn span(after: std::time::Duration) -> Result<String, Failure> {
    let after = SignedDuration::try_from(after)
        .map_err(|_| Error::invalid("expires", "is longer than can be said"))?;
    Ok(format!("{after:#}"))
}

fn timestamp(time: SystemTime) -> Result<Timestamp, Failure> {
    let time = Timestamp::try_from(time);
    Ok(time.map_err(|_| Error::invalid("expires", "is no time of the calendar"))?)
}

/// The body, from its beginning. The list comes last, so that a server that reads it as a stream
/// knows everything else by then.
#[derive(Clone)]
pub(super) struct Upload<'a> {
    users: std::slice::Iter<'a, String>,
    is_first: bool,
    /// What was not read yet of what was written so far.
    buffer: io::Cursor<Vec<u8>>,
    end: &'static [u8],
    bar: ProgressBar,
}

impl<'a> Upload<'a> {
    pub(super) fn of(letter: &'a Letter, bar: ProgressBar) -> Result<Self, Failure> {
        let mut buffer = serde_json::to_vec(&Fields::of(letter)?)
            .map_err(|error| Failure::said(format!("cannot write JSON: {error}")))?;
        let (users, end) = match &letter.to {
            Recipients::Everyone => (&[][..], &b""[..]),
            Recipients::Users(users) => {
                buffer.pop();
                buffer.extend_from_slice(b",\"to\":[");
                (users.as_slice(), &b"]}"[..])
            }
        };
        let buffer = io::Cursor::new(buffer);
        Ok(Self { users: users.iter(), is_first: true, buffer, end, bar })
    }

    /// How long it is, so that the server can refuse one that is too long before it is sent.
    pub(super) fn length(&self) -> io::Result<u64> {
        let counted = Self { bar: ProgressBar::hidden(), ..self.clone() };
        io::copy(&mut { counted }, &mut io::sink())
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(self.buffer.get_mut());
        buffer.clear();
        let before = self.users.len();
        while buffer.len() < BUFFER {
            let Some(user) = self.users.next() else {
                buffer.write_all(std::mem::take(&mut self.end))?;
                break;
            };
            if !std::mem::take(&mut self.is_first) {
                buffer.push(b',');
            }
            serde_json::to_writer(&mut buffer, user)?;
        }
        self.bar.inc((before - self.users.len()) as u64);
        self.buffer = io::Cursor::new(buffer);
        Ok(())
    }
}

impl Read for Upload<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.buffer.read(out)?;
        if read > 0 || out.is_empty() {
            return Ok(read);
        }
        self.fill()?;
        self.buffer.read(out)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;

    fn letter(to: Recipients) -> Letter {
        Letter {
            to,
            newcomers: false,
            text: "a \"b\"".to_owned(),
            level: Level::INFO,
            tags: vec!["t".to_owned()],
            url: None,
            data: Some("{\"n\": 1.50}".to_owned()),
            expires: Expires::In(Duration::from_secs(7 * 86_400)),
            key: None,
        }
    }

    fn written(letter: &Letter) -> String {
        let mut upload = Upload::of(letter, ProgressBar::hidden()).unwrap();
        let length = upload.length().unwrap();
        let mut body = String::new();
        upload.read_to_string(&mut body).unwrap();
        assert_eq!(body.len() as u64, length);
        body
    }

    #[test]
    fn a_body_is_the_message_and_then_the_list() {
        let users = vec!["zoë".to_owned(), "q\"".to_owned()];
        let body = written(&letter(Recipients::Users(users)));
        assert!(body.contains("{\"n\": 1.50}") && body.ends_with(",\"to\":[\"zoë\",\"q\\\"\"]}"));
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&body["level"], &body["expires"]), (&json!(20), &json!("168h")));
        let body: Value = serde_json::from_str(&written(&letter(Recipients::Everyone))).unwrap();
        assert_eq!((&body["everyone"], &body["to"]), (&json!(true), &Value::Null));
    }

    #[test]
    fn a_long_list_is_whole() {
        let users: Vec<String> = (0..50_000).map(|number| format!("user-{number}")).collect();
        let body = written(&letter(Recipients::Users(users.clone())));
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["to"], json!(users));
    }
}

//! What is wrong with each field, all of them at once.

use std::time::SystemTime;

use restante::store::{Expiry, NewMessage};
use restante::{Error, Expires, Level, Message};

use super::sentence;
use super::typed::Typed;
use crate::dates;

/// One field that cannot be sent as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The field's id on the page.
    pub(super) field: &'static str,
    /// What the page calls it.
    pub(super) label: &'static str,
    pub(super) why: String,
}

impl Wrong {
    pub(super) fn new(field: &'static str, label: &'static str, why: impl Into<String>) -> Self {
        Self { field, label, why: why.into() }
    }
}

/// The message, or every field that is wrong, in the order of the page.
pub(super) fn message(now: SystemTime, typed: &Typed) -> Result<Message, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut keep = |field, label, error: Option<String>| {
        wrong.extend(error.map(|why| Wrong::new(field, label, why)));
    };
    let text = Message::info(typed.message.as_str());
    keep("message", "Message", refusal(now, text));
    let level = level(typed);
    keep("level_number", "Level", level.as_ref().err().cloned());
    let url = typed.url.trim();
    if !url.is_empty() {
        keep("url", "Link", refusal(now, Message::info("x").url(url)));
    }
    let tags = |message: Message| typed.tags.split_whitespace().fold(message, Message::tag);
    keep("tags", "Tags", refusal(now, tags(Message::info("x"))));
    let expires = expires(typed);
    let (place, label) = if typed.expires == "at" {
        ("expires_at", "Date and time")
    } else {
        ("expires_in", "Time span")
    };
    let in_time = match &expires {
        Ok(expires) => refusal(now, expiring(Message::info("x"), *expires)),
        Err(why) => Some(why.clone()),
    };
    keep(place, label, in_time);
    let data = typed.data.trim();
    let data = (!data.is_empty()).then_some(data);
    let with_data = |message: Message| match data {
        Some(data) => message.data_json(data),
        None => Ok(message),
    };
    keep("data", "Data", with_data(Message::info("x")).err().map(|error| told(&error)));

    let (Ok(level), Ok(expires), true) = (level, expires, wrong.is_empty()) else {
        return Err(wrong);
    };
    let mut message = tags(Message::new(level, typed.message.as_str()));
    if !url.is_empty() {
        message = message.url(url);
    }
    let message =
        with_data(message).map_err(|error| vec![Wrong::new("data", "Data", told(&error))])?;
    Ok(expiring(message, expires))
}

/// What the library has against a message that is good but for one field.
fn refusal(now: SystemTime, message: Message) -> Option<String> {
    let checked = NewMessage::prepare(now, message, "app", None, None, false, Expiry::default());
    checked.err().map(|error| told(&error))
}

fn told(error: &Error) -> String {
    sentence(error.detail())
}

pub(super) fn level(typed: &Typed) -> Result<Level, String> {
    if typed.level == "custom" {
        let number = typed.level_number.trim().parse();
        return number
            .map(Level::new)
            .map_err(|_| "A level of your own is an integer, such as 35.".to_owned());
    }
    typed.level.parse().map_err(|error| told(&error))
}

pub(super) fn expires(typed: &Typed) -> Result<Expires, String> {
    let (span, time) = (typed.expires_in.trim(), typed.expires_at.trim());
    match typed.expires.as_str() {
        "in" => dates::parse_duration(span).map(Expires::In).map_err(|why| sentence(&why)),
        // A browser's field has no zone; the page says that it is UTC.
        "at" => dates::parse_time(time)
            .or_else(|_| dates::parse_time(&format!("{time}Z")))
            .or_else(|_| dates::parse_time(&format!("{time}:00Z")))
            .map(Expires::At)
            .map_err(|_| "Must be a date and time, such as 2030-01-31T12:00.".to_owned()),
        "never" => Ok(Expires::Never),
        _ => Ok(Expires::Default),
    }
}

fn expiring(message: Message, expires: Expires) -> Message {
    match expires {
        Expires::Default => message,
        Expires::Never => message.never_expires(),
        Expires::In(after) => message.expires_in(after),
        Expires::At(time) => message.expires_at(time),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::value::RawValue;

    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn typed(fields: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::fresh("k".to_owned());
        for (name, value) in fields {
            typed.set(name, (*value).to_owned());
        }
        typed
    }

    #[test]
    fn every_field_becomes_its_part_of_the_message() {
        let typed = typed(&[
            ("message", "one\r\ntwo"),
            ("level", "custom"),
            ("level_number", " 35 "),
            ("url", " /orders/7 "),
            ("tags", "a  b"),
            ("expires", "at"),
            ("expires_at", "2030-01-31T12:00"),
            ("data", "{ \"rows\": [1] }\r\n"),
        ]);
        let message = message(now(), &typed).unwrap();
        assert_eq!((message.level(), message.link()), (Level::new(35), Some("/orders/7")));
        assert_eq!(message.tags().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(message.raw_data().map(RawValue::get), Some("{ \"rows\": [1] }"));
        let at = dates::parse_time("2030-01-31T12:00:00Z").unwrap();
        assert_eq!(message.expires(), Expires::At(at));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_in_order() {
        let long = "x".repeat(65);
        let typed = typed(&[
            ("message", "a\u{7}"),
            ("level", "custom"),
            ("level_number", "loud"),
            ("url", "javascript:alert(1)"),
            ("tags", &long),
            ("expires", "at"),
            ("expires_at", "2001-01-01T00:00"),
            ("data", "{"),
        ]);
        let wrong = message(now(), &typed).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["message", "level_number", "url", "tags", "expires_at", "data"]);
        assert_eq!(wrong[2].why, "Must be http, https or a path that begins with one “/”.");
        assert_eq!(wrong[4].why, "Must be in the future.");
    }

    #[test]
    fn what_is_not_chosen_is_not_looked_at() {
        let typed = typed(&[
            ("message", "a"),
            ("level_number", "loud"),
            ("expires_in", "soon"),
            ("expires_at", "x"),
        ]);
        assert!(message(now(), &typed).is_ok());
        let empty = message(now(), &Typed::fresh("k".to_owned())).unwrap_err();
        assert_eq!(empty, [Wrong::new("message", "Message", "The text cannot be empty.")]);
        for (kind, field) in [("in", "expires_in"), ("at", "expires_at")] {
            let typed = self::typed(&[("message", "a"), ("expires", kind)]);
            assert_eq!(message(now(), &typed).unwrap_err()[0].field, field);
        }
    }
}

//! How a message to be sent is written in JSON.

use std::time::SystemTime;

use restante::{Error, Expires, Level, Message, To, limits};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ObjectBuilder, Type};

use super::level_name::{self, LevelName};
use super::user_list::{self, UserList};
use crate::dates;

const IN_THE_PAST: &str = "must be in the future";

// `send_schema` says which go together.
/// Every field of a message to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageFields)]
pub(super) struct SendBody {
    #[serde(default)]
    #[schema(schema_with = user_list::schema, required = false)]
    to: Option<UserList>,
    /// Whether it goes to everyone, instead of `to`
    #[serde(default)]
    #[schema(default = false)]
    everyone: bool,
    /// Whether what goes to everyone also goes to users who join later
    #[serde(default)]
    #[schema(default = false)]
    pub(super) newcomers: bool,
    /// The text, at most 16 KiB of UTF-8, without control characters but newline and tab; plain:
    /// whoever shows it escapes it
    #[schema(
        min_length = 1,
        max_length = 16_384,
        example = "Export ready",
        pattern = r"^([^\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\r\n)+$"
    )]
    message: String,
    #[serde(default)]
    #[schema(schema_with = level_name::schema, required = false)]
    level: Option<LevelName>,
    #[serde(default)]
    #[schema(schema_with = tags_schema, required = false)]
    tags: Vec<String>,
    /// Where it leads: http, https or a path that begins with one `/`; at most 2,000 characters
    #[serde(default)]
    #[schema(
        max_length = 2_000,
        example = "/exports/7",
        pattern = r"^(/|/[^/\\\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*|[Hh][Tt][Tt][Pp][Ss]?://[^/\\?#\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000][^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*)$"
    )]
    url: Option<String>,
    /// Any JSON, for programs; at most 8 KiB as written, nested at most 32 deep
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    data: Option<Box<RawValue>>,
    /// When it leaves inbox and archive: a time span such as `7d` or `36h`, `never`, or a time to
    /// come as in `expires_at`. Unless told otherwise it leaves the inbox after 30 days unread, and
    /// the archive after 120
    #[serde(default)]
    #[schema(example = "7d", pattern = "^(never|[1-9][0-9]{0,4}[smhdw])$")]
    expires: Option<String>,
    /// The same as a time to come, instead of `expires`
    #[serde(default)]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// The idempotency key, 1 to 255 bytes without control characters; the header
    /// `Idempotency-Key` says the same
    #[serde(default)]
    #[schema(min_length = 1, max_length = 255, pattern = r"^[^\u0000-\u001f\u007f-\u009f]+$")]
    pub(super) key: Option<String>,
}

fn tags_schema() -> Array {
    let tag = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(limits::TAG_BYTES))
        .pattern(Some(
            r"^[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$",
        ));
    Array::builder()
        .items(tag)
        .max_items(Some(limits::TAGS))
        .description(Some(
            "Extra tags: at most 16, each 1 to 64 bytes without spaces and control characters",
        ))
        .examples([json!(["exports"])])
        .build()
}

impl SendBody {
    /// To whom it goes; taken out, because a list is long.
    pub(super) fn recipients(&mut self) -> Result<To, Error> {
        match (self.to.take(), self.everyone) {
            (Some(UserList(users)), false) => Ok(To::users(users)),
            (None, true) => Ok(To::everyone()),
            (None, false) => Err(Error::invalid("to", "give `to`, or `everyone`: true")),
            (Some(_), true) => Err(Error::invalid("to", "give either `to` or `everyone`")),
        }
    }

    /// What is said. Its limits are checked when it is sent.
    pub(super) fn into_message(self, now: SystemTime) -> Result<Message, Error> {
        let expires = self.expires(now)?;
        let level = self.level.map_or(Level::INFO, |LevelName(level)| level);
        let mut message = Message::new(level, self.message);
        for tag in self.tags {
            message = message.tag(tag);
        }
        if let Some(url) = self.url {
            message = message.url(url);
        }
        if let Some(data) = self.data {
            message = message.data_json(data.get())?;
        }
        Ok(match expires {
            Expires::Default => message,
            Expires::Never => message.never_expires(),
            Expires::In(after) => message.expires_in(after),
            Expires::At(time) => message.expires_at(time),
        })
    }

    fn expires(&self, now: SystemTime) -> Result<Expires, Error> {
        match (&self.expires, &self.expires_at) {
            (None, None) => Ok(Expires::Default),
            (Some(span), None) => {
                dates::parse_expires(span).map_err(|error| Error::invalid("expires", error))
            }
            (None, Some(time)) => match dates::parse_time(time) {
                // The library would say so of `expires`, which is another field here.
                Ok(time) if time <= now => Err(Error::invalid("expires_at", IN_THE_PAST)),
                Ok(time) => Ok(Expires::At(time)),
                Err(error) => Err(Error::invalid("expires_at", error)),
            },
            (Some(_), Some(_)) => {
                Err(Error::invalid("expires", "give either `expires` or `expires_at`"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::json_body::parse;
    use super::*;

    fn body(json: &str) -> SendBody {
        parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn every_part_of_a_message_is_read() {
        let message = body(
            r#"{"to":["a"],"message":"Hi","level":"warning","tags":["x","y"],"url":"/o/7",
                "data":{"rows":[1,2]},"expires":"7d"}"#,
        )
        .into_message(SystemTime::UNIX_EPOCH)
        .unwrap();
        assert_eq!((message.text(), message.level()), ("Hi", Level::WARNING));
        assert_eq!(message.tags().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(message.link(), Some("/o/7"));
        assert_eq!(message.raw_data().map(RawValue::get), Some(r#"{"rows":[1,2]}"#));
        let plain = body(r#"{"to":"a","message":"Hi","level":35,"data":null,"url":null}"#);
        let plain = plain.into_message(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!((plain.level(), plain.raw_data().is_none()), (Level::new(35), true));
    }

    #[test]
    fn a_message_goes_to_somebody_or_everyone_and_not_to_both() {
        let refused = |json| body(json).recipients().unwrap_err().field();
        assert_eq!(refused(r#"{"message":"Hi"}"#), Some("to"));
        assert_eq!(refused(r#"{"message":"Hi","to":["a"],"everyone":true}"#), Some("to"));
        assert!(body(r#"{"message":"Hi","to":"a"}"#).recipients().is_ok());
        assert!(body(r#"{"message":"Hi","everyone":true}"#).recipients().is_ok());
    }

    #[test]
    fn an_expiry_is_given_once_and_well() {
        let refused =
            |json: &str| body(json).into_message(SystemTime::UNIX_EPOCH).unwrap_err().field();
        let both = r#"{"message":"Hi","expires":"7d","expires_at":"2030-01-31T12:00:00Z"}"#;
        assert_eq!(refused(both), Some("expires"));
        assert_eq!(refused(r#"{"message":"Hi","expires":"soon"}"#), Some("expires"));
        for bad in ["7d", "1969-12-31T00:00:00Z"] {
            let json = format!(r#"{{"message":"Hi","expires_at":"{bad}"}}"#);
            assert_eq!(refused(&json), Some("expires_at"), "{bad}");
        }
    }

    #[test]
    fn levels_are_named_or_numbers() {
        for bad in [r#""loud""#, "1.5", "99999999999", "-99999999999", "true", "[]"] {
            let json = format!(r#"{{"message":"Hi","level":{bad}}}"#);
            assert!(parse::<SendBody>(json.as_bytes()).is_err(), "{bad}");
        }
    }
}

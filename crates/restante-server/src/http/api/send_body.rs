//! How a message to be sent is written in JSON.

use std::fmt;

use restante::{Error, Expires, Level, Message, To, limits};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::dates;

/// The body of `POST /messages`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendBody {
    #[serde(default)]
    to: Option<UserList>,
    #[serde(default)]
    everyone: bool,
    #[serde(default)]
    pub(super) newcomers: bool,
    message: String,
    #[serde(default)]
    level: Option<LevelName>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
    #[serde(default)]
    expires: Option<String>,
    #[serde(default)]
    expires_at: Option<String>,
    #[serde(default)]
    pub(super) key: Option<String>,
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
    pub(super) fn into_message(self) -> Result<Message, Error> {
        let expires = self.expires()?;
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

    fn expires(&self) -> Result<Expires, Error> {
        match (&self.expires, &self.expires_at) {
            (None, None) => Ok(Expires::Default),
            (Some(span), None) => {
                dates::parse_expires(span).map_err(|error| Error::invalid("expires", error))
            }
            (None, Some(time)) => dates::parse_time(time)
                .map(Expires::At)
                .map_err(|error| Error::invalid("expires_at", error)),
            (Some(_), Some(_)) => {
                Err(Error::invalid("expires", "give either `expires` or `expires_at`"))
            }
        }
    }
}

/// A level by number or name.
#[derive(Debug)]
struct LevelName(Level);

impl<'de> Deserialize<'de> for LevelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrName;

        impl Visitor<'_> for NumberOrName {
            type Value = LevelName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a level or an integer of 32 bits")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<LevelName, E> {
                let number = i32::try_from(number)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(number), &self))?;
                Ok(LevelName(Level::new(number)))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<LevelName, E> {
                let number = i32::try_from(number).map_err(|_| {
                    E::invalid_value(serde::de::Unexpected::Unsigned(number), &self)
                })?;
                Ok(LevelName(Level::new(number)))
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<LevelName, E> {
                name.parse().map(LevelName).map_err(|error: Error| E::custom(error.detail()))
            }
        }

        deserializer.deserialize_any(NumberOrName)
    }
}

/// The users of `to`: a list, or one alone. It is given up at the first one too many, not when all
/// of it has been read.
#[derive(Debug)]
struct UserList(Vec<String>);

impl<'de> Deserialize<'de> for UserList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = UserList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of user ids, which are strings")
            }

            fn visit_str<E: serde::de::Error>(self, user: &str) -> Result<UserList, E> {
                Ok(UserList(vec![user.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<UserList, A::Error> {
                let mut users = Vec::new();
                while let Some(user) = list.next_element::<String>()? {
                    if users.len() == limits::RECIPIENTS {
                        return Err(A::Error::custom("a list is at most 1,000,000 recipients"));
                    }
                    users.push(user);
                }
                Ok(UserList(users))
            }
        }

        deserializer.deserialize_any(OneOrMany)
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
        .into_message()
        .unwrap();
        assert_eq!((message.text(), message.level()), ("Hi", Level::WARNING));
        assert_eq!(message.tags().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(message.link(), Some("/o/7"));
        assert_eq!(message.raw_data().map(RawValue::get), Some(r#"{"rows":[1,2]}"#));
        let plain = body(r#"{"to":"a","message":"Hi","level":35,"data":null,"url":null}"#);
        let plain = plain.into_message().unwrap();
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
        let refused = |json| body(json).into_message().unwrap_err().field();
        let both = r#"{"message":"Hi","expires":"7d","expires_at":"2030-01-31T12:00:00Z"}"#;
        assert_eq!(refused(both), Some("expires"));
        assert_eq!(refused(r#"{"message":"Hi","expires":"soon"}"#), Some("expires"));
        assert_eq!(refused(r#"{"message":"Hi","expires_at":"7d"}"#), Some("expires_at"));
    }

    #[test]
    fn levels_are_named_or_numbers() {
        for bad in [r#""loud""#, "1.5", "99999999999", "-99999999999", "true", "[]"] {
            let json = format!(r#"{{"message":"Hi","level":{bad}}}"#);
            assert!(parse::<SendBody>(json.as_bytes()).is_err(), "{bad}");
        }
    }
}

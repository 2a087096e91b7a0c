//! The two kinds of ids, and the position they are made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The highest position that may ever be given out: positions are 53-bit integers, so that they
/// fit a JSON number and a Redis score.
pub const MAX_POSITION: i64 = (1 << 53) - 1;

/// An item's id: its place in its user's inbox.
///
/// It rises strictly per user in the order in which messages became visible. It means something
/// only together with its user: the same number may be another user's item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(i64);

impl ItemId {
    /// The item at this position. Any number is accepted: one that names no item is not found.
    pub const fn new(position: i64) -> Self {
        Self(position)
    }

    /// The position, 1 to 2^53 − 1.
    pub const fn value(self) -> i64 {
        self.0
    }

    /// Whether the item belongs to a broadcast, whose positions are odd.
    pub(crate) const fn is_broadcast(self) -> bool {
        self.0 & 1 == 1
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ItemId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.parse() {
            Ok(position) => Ok(Self(position)),
            Err(_) => Err(Error::invalid("id", "an item's id is a number taken from a list")),
        }
    }
}

/// A sent message's id, for its sender: `m_` and a number.
///
/// ```
/// use restante::MessageId;
///
/// let id: MessageId = "m_242467633".parse()?;
/// assert_eq!(id.to_string(), "m_242467633");
/// assert!("242467633".parse::<MessageId>().unwrap_err().is_invalid());
/// # Ok::<(), restante::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(i64);

impl MessageId {
    /// The message that was given this position when it was sent.
    pub const fn new(position: i64) -> Self {
        Self(position)
    }

    /// The position, 1 to 2^53 − 1.
    pub const fn value(self) -> i64 {
        self.0
    }

    /// Whether it was sent to everyone.
    pub const fn is_broadcast(self) -> bool {
        self.0 & 1 == 1
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m_{}", self.0)
    }
}

impl FromStr for MessageId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix("m_").and_then(|number| number.parse().ok()) {
            Some(position) => Ok(Self(position)),
            None => Err(Error::invalid("id", "a message's id is `m_` and a number")),
        }
    }
}

impl Serialize for MessageId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

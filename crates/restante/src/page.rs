//! What a user sees: items, pages of them, and the tokens that lead on from a page.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Error, ItemId, Message, clock};

/// One message in one user's inbox or archive.
///
/// It serialises to the JSON of the HTTP interface, with the names of django-stored-messages.
///
/// ```
/// use restante::{Filter, MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// restante.send(Message::success("Export ready").tag("export"), "alice").await?;
///
/// let page = restante.inbox("alice")?.list(Filter::unread()).await?;
/// let json = serde_json::to_value(&page.items[0]).unwrap();
/// assert_eq!(json["message"], "Export ready");
/// assert_eq!(json["tags"], "export success");
/// assert_eq!(json["unread"], true);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Item {
    /// The item's place in its user's inbox; what the other operations take.
    pub id: ItemId,
    /// What is said.
    pub message: Arc<Message>,
    /// When it was sent.
    pub date: SystemTime,
    /// Whether it counts as unread.
    pub unread: bool,
    /// Whether it was sent to everyone.
    pub everyone: bool,
    /// When it was read, where that is known.
    pub read_at: Option<SystemTime>,
    /// When it leaves inbox and archive; `None` is never.
    pub expires_at: Option<SystemTime>,
}

impl Item {
    /// Django's `tags`: extra tags and level tag, joined by one space.
    pub fn tags(&self) -> String {
        self.message.tags_with(self.message.level().tag())
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut item = serializer.serialize_struct("Item", 13)?;
        item.serialize_field("id", &self.id)?;
        item.serialize_field("message", self.message.text())?;
        item.serialize_field("level", &self.message.level())?;
        item.serialize_field("level_tag", self.message.level().tag())?;
        item.serialize_field("tags", &self.tags())?;
        item.serialize_field("extra_tags", self.message.extra_tags())?;
        item.serialize_field("date", &clock::to_rfc3339(self.date))?;
        item.serialize_field("url", &self.message.link())?;
        item.serialize_field("data", &self.message.raw_data())?;
        item.serialize_field("unread", &self.unread)?;
        item.serialize_field("everyone", &self.everyone)?;
        item.serialize_field("read_at", &self.read_at.map(clock::to_rfc3339))?;
        item.serialize_field("expires_at", &self.expires_at.map(clock::to_rfc3339))?;
        item.end()
    }
}

/// A page of items, newest first, made from one snapshot of the store.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    /// At most as many as were asked for. A filtered page may be short although there is a next.
    pub items: Vec<Item>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
    /// How many items are unread, whatever the filter.
    pub unread: u64,
    /// What was visible when the first page was made; give it to mark all read.
    pub as_of: AsOf,
}

/// How many items are unread, from one snapshot of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many items are unread.
    pub unread: u64,
    /// What was visible when they were counted.
    pub as_of: AsOf,
}

/// "Everything that was visible when this page was made": an opaque token for mark all read.
///
/// It belongs to one user. One made up or out of date does no harm: it never reaches past what is
/// visible when it is used, nor what arrived after it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AsOf {
    personal: i64,
    broadcast: i64,
}

impl AsOf {
    /// For stores: the newest personal and the newest broadcast position that were visible. Stores
    /// with one order for both give the same twice.
    pub const fn new(personal: i64, broadcast: i64) -> Self {
        Self { personal, broadcast }
    }

    /// The newest visible personal position.
    pub const fn personal(self) -> i64 {
        self.personal
    }

    /// The newest visible broadcast position.
    pub const fn broadcast(self) -> i64 {
        self.broadcast
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.personal)?;
        if self.broadcast == self.personal { Ok(()) } else { write!(f, ".{:x}", self.broadcast) }
    }
}

impl FromStr for AsOf {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (personal, broadcast) = text.split_once('.').unwrap_or((text, text));
        match (parse_position(personal), parse_position(broadcast)) {
            (Some(personal), Some(broadcast)) => Ok(Self { personal, broadcast }),
            _ => Err(Error::invalid("as_of", "must be the `as_of` of a page or a count")),
        }
    }
}

/// Where the next page begins. It carries the first page's `as_of`: what arrived since was not on
/// that page.
///
/// ```
/// use restante::{Filter, MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// for text in ["one", "two", "three"] {
///     restante.send(Message::info(text), "alice").await?;
/// }
/// let inbox = restante.inbox("alice")?;
/// let (mut filter, mut texts) = (Filter::unread().limit(2), Vec::new());
/// loop {
///     let page = inbox.list(filter.clone()).await?;
///     texts.extend(page.items.iter().map(|item| item.message.text().to_owned()));
///     let Some(next) = page.next else { break };
///     filter = filter.after(next);
/// }
/// assert_eq!(texts, ["three", "two", "one"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    position: i64,
    as_of: AsOf,
}

impl Cursor {
    /// For stores: items below `position` follow.
    pub const fn new(position: i64, as_of: AsOf) -> Self {
        Self { position, as_of }
    }

    /// The last position that was looked at.
    pub const fn position(self) -> i64 {
        self.position
    }

    /// The first page's `as_of`.
    pub const fn as_of(self) -> AsOf {
        self.as_of
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.position, self.as_of)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let cursor = text.split_once('-').and_then(|(position, as_of)| {
            Some(Self { position: parse_position(position)?, as_of: as_of.parse().ok()? })
        });
        cursor.ok_or_else(|| Error::invalid("after", "must be the `next` of a page"))
    }
}

fn parse_position(hex: &str) -> Option<i64> {
    // `from_str_radix` would take a sign.
    if hex.is_empty() || hex.len() > 14 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    i64::from_str_radix(hex, 16).ok().filter(|position| *position <= crate::MAX_POSITION)
}

/// Tokens travel as JSON strings.
macro_rules! token_as_string {
    ($token:ty) => {
        impl Serialize for $token {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $token {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

token_as_string!(AsOf);
token_as_string!(Cursor);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive_the_round_trip_and_nonsense_is_refused() {
        let as_of = AsOf::new(0x1f_0000_0000_0002, 7);
        assert_eq!(as_of.to_string().parse::<AsOf>().unwrap(), as_of);
        let cursor = Cursor::new(9, as_of);
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        for bad in ["", "x", "-1", "+1", "1.", ".1", "1.2.3", "20000000000000", "fffffffffffffff"] {
            assert_eq!(bad.parse::<AsOf>().unwrap_err().field(), Some("as_of"), "{bad}");
            assert_eq!(format!("1-{bad}").parse::<Cursor>().unwrap_err().field(), Some("after"));
        }
    }
}

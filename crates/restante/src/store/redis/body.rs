//! Messages as they are kept: one field, so that a page is read at once.

use std::sync::Arc;

use super::NAME;
use crate::clock::{from_millis, to_millis};
use crate::store::{NewMessage, SentMessage};
use crate::{Error, Level, Message, MessageId};

/// Between the parts of a body: a control character, which none of them can hold. In JSON it is
/// escaped.
const BAR: char = '\u{1f}';

/// A message as one position has it. Times are milliseconds since 1970.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) until: i64,
    pub(super) expires_at: i64,
    pub(super) sent_at: i64,
    pub(super) message: Arc<Message>,
}

/// What the sender gives of a body; the script puts the times, the id and the part in front.
pub(super) fn encode(message: &Message) -> String {
    let url = message.link().unwrap_or_default();
    let data = message.raw_data().map_or("", |data| data.get());
    let (level, tags, text) = (message.level().value(), message.extra_tags(), message.text());
    format!("{level}{BAR}{tags}{BAR}{url}{BAR}{data}{BAR}{text}")
}

/// The inverse, with what was put in front.
pub(super) fn decode(bytes: &[u8]) -> Result<Body, Error> {
    std::str::from_utf8(bytes)
        .ok()
        .and_then(parse)
        .ok_or_else(|| Error::internal(NAME, "a message is not as it was written"))
}

/// The same of text.
pub(super) fn parse(text: &str) -> Option<Body> {
    let mut parts = text.splitn(10, BAR);
    let mut number = || parts.next()?.parse::<i64>().ok();
    let (until, expires_at, sent_at) = (number()?, number()?, number()?);
    let (_id, _part) = (number()?, number()?);
    let level = Level::new(number()?.try_into().ok()?);
    let tags = parts.next()?;
    let mut optional =
        || Some(parts.next()?).map(|text| (!text.is_empty()).then(|| text.to_owned()));
    let (url, data) = (optional()?, optional()?);
    let message = Message::from_stored(level, parts.next()?, tags, url, data);
    Some(Body { until, expires_at, sent_at, message: Arc::new(message) })
}

/// The kinds of messages, as the scripts name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Short,
    Long,
    Everyone {
        newcomers: bool,
    },
    /// A short list over several shards.
    Divided,
    /// A long one.
    LongDivided,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Short => "s",
            Self::Long => "l",
            Self::Everyone { newcomers: false } => "e",
            Self::Everyone { newcomers: true } => "E",
            Self::Divided => "d",
            Self::LongDivided => "D",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "s" => Some(Self::Short),
            "l" => Some(Self::Long),
            "e" => Some(Self::Everyone { newcomers: false }),
            "E" => Some(Self::Everyone { newcomers: true }),
            "d" => Some(Self::Divided),
            "D" => Some(Self::LongDivided),
            _ => None,
        }
    }
}

/// What is kept of a message for its sender.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) expires_at: i64,
    pub(super) retracted_at: Option<i64>,
    pub(super) total: u64,
    pub(super) kind: Kind,
    pub(super) sender: String,
}

impl Record {
    pub(super) fn decode(text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| Error::internal(NAME, "a record is not as it was written"))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, '|');
        let expires_at = parts.next()?.parse().ok()?;
        let retracted_at = parts.next()?.parse().ok();
        let total = parts.next()?.parse().ok()?;
        let kind = Kind::from_name(parts.next()?)?;
        let _parts = parts.next()?;
        let sender = parts.next()?.to_owned();
        Some(Self { expires_at, retracted_at, total, kind, sender })
    }

    /// The message as its sender sees it.
    pub(super) fn sent(&self, id: i64, body: &Body) -> SentMessage {
        SentMessage {
            id: MessageId::new(id),
            sender: self.sender.clone(),
            message: Arc::clone(&body.message),
            date: from_millis(body.sent_at),
            expires_at: NewMessage::shown_expiry(from_millis(self.expires_at)),
            retracted_at: self.retracted_at.map(from_millis),
            recipients: match self.kind {
                Kind::Everyone { .. } => None,
                Kind::Short | Kind::Long | Kind::Divided | Kind::LongDivided => Some(self.total),
            },
        }
    }
}

/// The times of a message to be sent: when it leaves the inbox, when it expires.
pub(super) fn times(message: &NewMessage) -> (i64, i64) {
    (to_millis(message.inbox_until()), to_millis(message.expires_at()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back_as_it_was() {
        let full = Message::warning("two\nlines\t| and more").tag("a").tag("b").url("/x?y=1|2");
        let full = full.data(serde_json::json!({"a": "\u{1f}|\n"}));
        for message in [full, Message::info("plain")] {
            let bytes = format!("1{BAR}-2{BAR}3{BAR}4{BAR}5{BAR}{}", encode(&message));
            let body = decode(bytes.as_bytes()).unwrap();
            assert_eq!((body.until, body.expires_at, body.sent_at), (1, -2, 3));
            assert_eq!(body.message.text(), message.text());
            assert_eq!(body.message.extra_tags(), message.extra_tags());
            assert_eq!(body.message.link(), message.link());
            assert_eq!(body.message.level(), message.level());
            let json = |message: &Message| message.raw_data().map(|data| data.get().to_owned());
            assert_eq!(json(&body.message), json(&message));
        }
        assert!(decode(b"1\x1f2").is_err());
    }
}

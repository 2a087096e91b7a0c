//! The answers, with the parts that the command line shows. Fields that it does not know are passed
//! over: a newer server may have more.

use jiff::Timestamp;
use restante::{AsOf, ItemId, Level, MessageId};
use serde::{Deserialize, Serialize};

/// What a listing shows of a message, whoever looks at it.
#[derive(Debug, Deserialize)]
pub(crate) struct Said {
    pub(crate) message: String,
    pub(crate) level: Level,
    pub(crate) extra_tags: String,
    pub(crate) url: Option<String>,
    pub(crate) date: Timestamp,
}

/// A page of an inbox.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    pub(crate) next: Option<String>,
    pub(crate) unread: u64,
}

/// One message in a user's inbox.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) id: ItemId,
    #[serde(flatten)]
    pub(crate) said: Said,
    pub(crate) unread: bool,
    pub(crate) everyone: bool,
    pub(crate) read_at: Option<Timestamp>,
}

/// How many are unread, and as of when.
#[derive(Debug, Deserialize)]
pub(crate) struct Count {
    pub(crate) unread: u64,
    pub(crate) as_of: AsOf,
}

/// What marking did.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Marked {
    pub(crate) changed: bool,
    pub(crate) unread: u64,
}

/// Whether something was done.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Changed {
    pub(crate) changed: bool,
}

/// What became of a send.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Sent {
    pub(crate) id: MessageId,
    pub(crate) recipients: u64,
    pub(crate) repeated: bool,
    pub(crate) waiting: u64,
}

/// A page of sent messages.
#[derive(Debug, Deserialize)]
pub(crate) struct SentPage {
    pub(crate) messages: Vec<SentMessage>,
    pub(crate) next: Option<String>,
}

/// A message as its sender sees it.
#[derive(Debug, Deserialize)]
pub(crate) struct SentMessage {
    pub(crate) id: MessageId,
    #[serde(flatten)]
    pub(crate) said: Said,
    pub(crate) sender: String,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) retracted_at: Option<Timestamp>,
    /// `None` is everyone.
    pub(crate) recipients: Option<u64>,
}

/// A sent message and what became of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Receipts {
    #[serde(flatten)]
    pub(crate) sent: SentMessage,
    /// `None` for a broadcast.
    pub(crate) delivered: Option<u64>,
    pub(crate) read: u64,
}

/// What sweeping removed.
#[derive(Debug, Deserialize)]
pub(crate) struct Swept {
    pub(crate) messages: u64,
    pub(crate) items: u64,
    pub(crate) others: u64,
}

/// A user's token, just made.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Token {
    pub(crate) token: String,
    pub(crate) expires_at: String,
}

/// All API keys.
#[derive(Debug, Deserialize)]
pub(crate) struct Keys {
    pub(crate) keys: Vec<Key>,
}

/// An API key, without the key itself.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// An API key, just made: the only answer that holds it.
#[derive(Debug, Deserialize)]
pub(crate) struct NewKey {
    pub(crate) key: String,
    #[serde(flatten)]
    pub(crate) kept: Key,
}

//! What comes out of a store for senders and operators.

use std::sync::Arc;
use std::time::SystemTime;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::{Error, Item, Message, MessageId, UserId, clock, limits};

/// A sent message as its sender sees it.
#[derive(Clone, Debug)]
pub struct SentMessage {
    /// The message's id.
    pub id: MessageId,
    /// Who sent it: an API key's id, or `app`.
    pub sender: String,
    /// What was said.
    pub message: Arc<Message>,
    /// When it was sent.
    pub date: SystemTime,
    /// When it leaves inbox and archive, and this list; `None` is never. Retracting brings it
    /// forward to 30 days from then at the latest.
    pub expires_at: Option<SystemTime>,
    /// When it was retracted.
    pub retracted_at: Option<SystemTime>,
    /// How many users it went to; `None` is everyone.
    pub recipients: Option<u64>,
}

impl SentMessage {
    fn fields<S: SerializeStruct>(&self, out: &mut S) -> Result<(), S::Error> {
        out.serialize_field("id", &self.id)?;
        out.serialize_field("sender", &self.sender)?;
        out.serialize_field("message", self.message.text())?;
        out.serialize_field("level", &self.message.level())?;
        out.serialize_field("level_tag", self.message.level().tag())?;
        out.serialize_field("extra_tags", self.message.extra_tags())?;
        out.serialize_field("url", &self.message.link())?;
        out.serialize_field("data", &self.message.raw_data())?;
        out.serialize_field("date", &clock::to_rfc3339(self.date))?;
        out.serialize_field("expires_at", &self.expires_at.map(clock::to_rfc3339))?;
        out.serialize_field("retracted_at", &self.retracted_at.map(clock::to_rfc3339))?;
        out.serialize_field("everyone", &self.recipients.is_none())?;
        out.serialize_field("recipients", &self.recipients)
    }
}

impl Serialize for SentMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("SentMessage", 13)?;
        self.fields(&mut out)?;
        out.end()
    }
}

/// What became of a sent message.
///
/// ```
/// use restante::{Filter, MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// let sent = restante.send(Message::info("Ahoy there"), ["alice", "bob"]).await?;
/// let inbox = restante.inbox("alice")?;
/// let page = inbox.list(Filter::unread()).await?;
/// inbox.mark_read(page.items[0].id).await?;
///
/// let receipts = restante.receipts(sent.id).await?;
/// assert_eq!((receipts.delivered, receipts.read), (Some(2), 1));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Receipts {
    /// The message.
    pub sent: SentMessage,
    /// How many users have it in their inbox or had; `None` for a broadcast, which has readers but
    /// no deliveries.
    pub delivered: Option<u64>,
    /// How many users read it.
    pub read: u64,
}

impl Serialize for Receipts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Receipts", 15)?;
        self.sent.fields(&mut out)?;
        out.serialize_field("delivered", &self.delivered)?;
        out.serialize_field("read", &self.read)?;
        out.end()
    }
}

/// Which sent messages to list.
#[derive(Clone, Debug)]
pub struct SentFilter {
    /// Only those of this sender.
    pub sender: Option<String>,
    /// Only those sent before this one: the `next` of the page before.
    pub after: Option<MessageId>,
    /// At most this many, 1–100; 20 unless told otherwise.
    pub limit: usize,
}

impl Default for SentFilter {
    fn default() -> Self {
        Self { sender: None, after: None, limit: 20 }
    }
}

impl SentFilter {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.limit == 0 {
            return Err(Error::invalid("limit", "a page has at least 1 message"));
        }
        if self.limit > limits::PAGE_ITEMS {
            return Err(Error::too_large("limit", "a page has at most 100 messages"));
        }
        Ok(())
    }
}

/// A page of sent messages, newest first.
#[derive(Clone, Debug, Serialize)]
pub struct SentPage {
    /// The messages.
    pub messages: Vec<SentMessage>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<MessageId>,
}

/// What one step of sweeping removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Messages that left altogether.
    pub messages: u64,
    /// Rows of users' items and states of broadcasts.
    pub items: u64,
    /// Rows of other kinds: idempotency keys, marks, refused outbox rows, forgotten users.
    pub others: u64,
    /// Whether there may be more to remove now.
    #[serde(skip)]
    pub more: bool,
}

impl std::ops::AddAssign for Swept {
    fn add_assign(&mut self, step: Self) {
        self.messages += step.messages;
        self.items += step.items;
        self.others += step.others;
        self.more = step.more;
    }
}

/// All that is kept of one user.
#[derive(Clone, Debug, Serialize)]
pub struct Export {
    /// The user.
    pub user: UserId,
    /// When the user joined, where that is known.
    #[serde(serialize_with = "clock::serialize_option")]
    pub joined: Option<SystemTime>,
    /// The items of inbox and archive, newest first, those dismissed included.
    pub items: Vec<ExportedItem>,
    /// When the user's tokens were last ended.
    #[serde(serialize_with = "clock::serialize_option")]
    pub tokens_ended_at: Option<SystemTime>,
    /// Texts that programs left for the user in the outbox and that are not relayed.
    pub outbox: Vec<String>,
}

/// One item of an [`Export`].
#[derive(Clone, Debug, Serialize)]
pub struct ExportedItem {
    /// The item.
    #[serde(flatten)]
    pub item: Item,
    /// Whether the user dismissed it.
    pub dismissed: bool,
}

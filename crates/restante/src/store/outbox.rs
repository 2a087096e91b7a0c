use std::time::SystemTime;

use super::{Expiry, NewMessage};
use crate::clock::from_millis;
use crate::recipients::Recipients;
use crate::{Error, Level, Message, UserId};

/// A row of the outbox: a message that some program left, in its own transaction.
///
/// In SQL it is a row of `restante_outbox`; all but recipient and message have defaults. Nothing in
/// it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// A user's id, or `*` for everyone.
    pub recipient: String,
    /// The text.
    pub message: String,
    /// The level's number; 20 (info) by default.
    pub level: i64,
    /// Extra tags, joined by spaces.
    pub tags: String,
    /// Where the message leads.
    pub url: Option<String>,
    /// JSON.
    pub data: Option<String>,
    /// When it leaves inbox and archive, in milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// An idempotency key of the sender `app`.
    pub key: Option<String>,
}

impl OutboxRow {
    /// A row with defaults for all but recipient and message.
    pub fn new(recipient: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            recipient: recipient.into(),
            message: message.into(),
            level: i64::from(Level::INFO.value()),
            tags: String::new(),
            url: None,
            data: None,
            expires_at: None,
            key: None,
        }
    }

    /// For stores: the row as a message to be sent now, and to whom (`None` is everyone).
    ///
    /// # Errors
    /// The rule that the row breaks, with the field named. The store keeps the text with the row.
    pub fn prepare(
        &self,
        now: SystemTime,
        expiry: Expiry,
    ) -> Result<(NewMessage, Option<UserId>), Error> {
        let user = match self.recipient.as_str() {
            "*" => None,
            id => Some(
                UserId::new(id).map_err(|e| Error::invalid("recipient", e.detail().to_owned()))?,
            ),
        };
        let level = i32::try_from(self.level)
            .map_err(|_| Error::invalid("level", "must be a 32-bit integer"))?;
        let mut message = Message::new(Level::new(level), self.message.as_str());
        for tag in self.tags.split(' ').filter(|tag| !tag.is_empty()) {
            message = message.tag(tag);
        }
        if let Some(url) = &self.url {
            message = message.url(url);
        }
        if let Some(data) = &self.data {
            message = message.data_json(data)?;
        }
        if let Some(expires_at) = self.expires_at {
            message = message.expires_at(from_millis(expires_at));
        }
        let to = user.clone().map(Recipients::from);
        let key = self.key.as_deref();
        let message = NewMessage::prepare(now, message, "app", key, to.as_ref(), false, expiry)?;
        Ok((message, user))
    }
}

//! Hints that something changed.

use std::sync::Arc;

use crate::{ItemId, Message, MessageId, UserId};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A message arrived in a user's inbox.
    Stored,
    /// A message was sent to everyone.
    Broadcast,
    /// A user marked an item read.
    Read,
    /// A user marked an item unread again.
    Unread,
    /// A user marked all read.
    AllRead,
    /// A user dismissed an item.
    Dismissed,
    /// A sender retracted a message.
    Retracted,
    /// Another process did something that nobody told of: whoever shows something reads it again.
    Unknown,
}

/// A hint that something changed, told after it was committed.
///
/// Hints can be missed (a slow listener, a restart): whoever misses one is right again after the
/// next read. For work that must not be missed, such as e-mail, use
/// [`Restante::follow`](crate::Restante::follow).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Whose inbox changed; `None` when it may be everyone's.
    pub user: Option<UserId>,
    /// The item that changed, where it was one.
    pub id: Option<ItemId>,
    /// What was said, for `Stored` and `Broadcast`.
    pub message: Option<Arc<Message>>,
    /// The sender's id of the message, for `Stored`, `Broadcast` and `Retracted`.
    pub message_id: Option<MessageId>,
}

impl Event {
    /// An event of a kind, about nobody in particular. For authors of stores, like the next two.
    pub fn new(kind: EventKind) -> Self {
        Self { kind, user: None, id: None, message: None, message_id: None }
    }

    /// An event about one user.
    pub fn of(kind: EventKind, user: &UserId) -> Self {
        Self { user: Some(user.clone()), ..Self::new(kind) }
    }

    /// The same about an item.
    pub fn about(mut self, id: ItemId) -> Self {
        self.id = Some(id);
        self
    }
}

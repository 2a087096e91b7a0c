//! What senders ask for.

use std::collections::BTreeSet;
use std::time::Duration;

use super::plain::{Said, never, whole_second};
use crate::store::{Expiry, OutboxRow};
use crate::{Level, Message};

/// How long a message stays, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stay {
    /// Unread and in all, as the service is configured.
    Configured(u64, u64),
    For(u64),
    Always,
}

/// A request to send, kept to be repeated.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) text: String,
    pub(super) level: i32,
    pub(super) tag: &'static str,
    pub(super) stay: Stay,
    pub(super) sender: &'static str,
    pub(super) key: Option<String>,
    /// `None` is everyone.
    pub(super) to: Option<BTreeSet<String>>,
    pub(super) newcomers: bool,
}

/// A row left in the outbox.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub(super) row: OutboxRow,
    pub(super) is_bad: bool,
}

impl Request {
    pub(super) fn message(&self) -> Message {
        let message = Message::new(Level::new(self.level), &self.text).tag(self.tag);
        match self.stay {
            Stay::Configured(..) => message,
            Stay::For(seconds) => message.expires_in(Duration::from_secs(seconds)),
            Stay::Always => message.never_expires(),
        }
    }

    /// What makes two requests the same: all that the sender said, not how the service is
    /// configured.
    pub(super) fn content(&self) -> String {
        let stay = if let Stay::For(seconds) = self.stay { Some(seconds) } else { None };
        let always = matches!(self.stay, Stay::Always);
        let what = (&self.text, self.level, self.tag, stay, always);
        format!("{:?}", (what, &self.to, self.newcomers))
    }

    pub(super) fn expiry(&self) -> Expiry {
        let (unread, all) =
            if let Stay::Configured(unread, all) = self.stay { (unread, all) } else { (1, 1) };
        Expiry { unread: Duration::from_secs(unread), all: Duration::from_secs(all) }
    }

    pub(super) fn said(&self, now: i64) -> Said {
        let after = |seconds: u64| whole_second(now + i64::try_from(seconds).unwrap() * 1000);
        let (until, expires) = match self.stay {
            Stay::Configured(unread, all) => (after(unread), after(all)),
            Stay::For(seconds) => (after(seconds), after(seconds)),
            Stay::Always => (never(), never()),
        };
        Said {
            text: self.text.clone(),
            level: self.level,
            tag: self.tag.to_owned(),
            sender: self.sender.to_owned(),
            sent_at: now,
            until: until.min(expires),
            expires,
            everyone: self.to.is_none(),
            newcomers: self.newcomers,
            total: self.to.as_ref().map_or(0, |to| to.len() as u64),
            retracted: false,
            waiting: BTreeSet::new(),
            gone: (0, 0),
        }
    }
}

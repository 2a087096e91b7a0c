//! Idempotency keys: what they were used for, and what that means for a request.

use std::collections::HashMap;

use crate::store::{Idempotency, Sent};
use crate::{Error, MessageId};

pub(crate) use crate::store::send::KEY_MILLIS;

/// What keys were used for, with those that a group uses itself. Each belongs to its sender.
#[derive(Debug, Default)]
pub(crate) struct UsedKeys {
    used: HashMap<(String, String), Used>,
    new: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) hash: Vec<u8>,
    pub(crate) message: i64,
    pub(crate) recipients: i64,
    pub(crate) at: i64,
}

impl UsedKeys {
    /// A key that is in the table.
    pub(crate) fn know(&mut self, sender: String, key: String, used: Used) {
        self.used.insert((sender, key), used);
    }

    /// The answer to a request whose key was used within 24 hours: the first result, or a conflict.
    pub(crate) fn earlier(
        &self,
        now: i64,
        sender: &str,
        asked: &Idempotency,
    ) -> Option<Result<Sent, Error>> {
        let used = self.used.get(&(sender.to_owned(), asked.key.to_string()))?;
        if used.at <= now - KEY_MILLIS {
            return None;
        }
        if used.hash != asked.hash {
            return Some(Err(Error::conflict("was used for another message within 24 hours")));
        }
        Some(Ok(Sent {
            id: MessageId::new(used.message),
            recipients: u64::try_from(used.recipients).unwrap_or(0),
            repeated: true,
            waiting: 0,
        }))
    }

    /// Remembers what a key is used for now.
    pub(crate) fn put(&mut self, now: i64, sender: &str, asked: &Idempotency, sent: Sent) {
        let name = (sender.to_owned(), asked.key.to_string());
        let used = Used {
            hash: asked.hash.to_vec(),
            message: sent.id.value(),
            recipients: i64::try_from(sent.recipients).unwrap_or(i64::MAX),
            at: asked.used_at(now),
        };
        self.used.insert(name.clone(), used);
        self.new.push(name);
    }

    /// Those that were put, to be written: sender, key and use, each once.
    pub(crate) fn take_new(&mut self) -> Vec<(String, String, Used)> {
        let mut new = std::mem::take(&mut self.new);
        // One whose time ended between two sends of a group is there twice.
        new.sort_unstable();
        new.dedup();
        let used = |name: (String, String)| {
            let used = self.used.get(&name)?.clone();
            Some((name.0, name.1, used))
        };
        new.into_iter().filter_map(used).collect()
    }
}

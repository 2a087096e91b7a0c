//! Idempotency keys.

use std::collections::HashMap;

use super::Result;
use super::session::Session;
use crate::store::{Idempotency, Sent, user_list};
use crate::{Error, MessageId};

/// How long an idempotency key is kept: 24 hours.
pub(super) const KEY_MILLIS: i64 = 86_400_000;

const FIND: &str = "
    SELECT k.sender, k.key, k.hash, k.message, k.recipients, k.at
    FROM unnest($1::text[], $2::text[]) asked(sender, key)
    JOIN restante_keys k ON k.sender = asked.sender AND k.key = asked.key";
/// An ended key that is not swept yet is replaced.
pub(super) const PUT: &str = "
    INSERT INTO restante_keys(sender, key, hash, message, recipients, at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[],
                         $6::bigint[])
    ON CONFLICT (sender, key) DO UPDATE SET hash = excluded.hash, message = excluded.message,
    recipients = excluded.recipients, at = excluded.at";
const WAITING: &str = "SELECT users FROM restante_parts WHERE message = $1 AND position IS NULL";

/// What keys were used for, with those that a group uses itself.
#[derive(Debug, Default)]
pub(super) struct Keys {
    used: HashMap<(String, String), Used>,
    new: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Used {
    hash: Vec<u8>,
    message: i64,
    recipients: i64,
    at: i64,
}

impl Keys {
    /// What these keys, each with its sender, were used for.
    pub(super) async fn load(session: &Session, asked: &[(&str, &str)]) -> Result<Self> {
        let mut keys = Self::default();
        if asked.is_empty() {
            return Ok(keys);
        }
        let (senders, names): (Vec<&str>, Vec<&str>) = asked.iter().copied().unzip();
        for row in session.query(FIND, &[&senders, &names]).await? {
            let used = Used {
                hash: row.try_get(2)?,
                message: row.try_get(3)?,
                recipients: row.try_get(4)?,
                at: row.try_get(5)?,
            };
            keys.used.insert((row.try_get(0)?, row.try_get(1)?), used);
        }
        Ok(keys)
    }

    /// The answer to a request whose key was used within 24 hours: the first result, or a conflict.
    pub(super) fn earlier(
        &self,
        now: i64,
        sender: &str,
        asked: &Idempotency,
    ) -> Option<std::result::Result<Sent, Error>> {
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
    pub(super) fn put(&mut self, now: i64, sender: &str, asked: &Idempotency, sent: Sent) {
        let name = (sender.to_owned(), asked.key.to_string());
        let used = Used {
            hash: asked.hash.to_vec(),
            message: sent.id.value(),
            recipients: i64::try_from(sent.recipients).unwrap_or(i64::MAX),
            at: now,
        };
        self.used.insert(name.clone(), used);
        self.new.push(name);
    }

    /// Writes those that were put.
    pub(super) async fn write(&mut self, session: &Session) -> Result<()> {
        let mut new = std::mem::take(&mut self.new);
        // One whose time ended between two sends of a group is there twice.
        new.sort_unstable();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let used: Vec<&Used> = new.iter().filter_map(|name| self.used.get(name)).collect();
        let senders: Vec<&str> = new.iter().map(|(sender, _)| sender.as_str()).collect();
        let names: Vec<&str> = new.iter().map(|(_, key)| key.as_str()).collect();
        let hashes: Vec<&[u8]> = used.iter().map(|used| used.hash.as_slice()).collect();
        let messages: Vec<i64> = used.iter().map(|used| used.message).collect();
        let recipients: Vec<i64> = used.iter().map(|used| used.recipients).collect();
        let at: Vec<i64> = used.iter().map(|used| used.at).collect();
        let values: super::session::Parameters<'_> =
            &[&senders, &names, &hashes, &messages, &recipients, &at];
        session.execute(PUT, values).await.map(|_| ())
    }
}

/// How many recipients of a long list still wait.
pub(super) async fn waiting(session: &Session, message: i64) -> Result<u64> {
    let mut waiting = 0;
    for row in session.query(WAITING, &[&message]).await? {
        waiting += user_list::decode(row.try_get(0)?).len() as u64;
    }
    Ok(waiting)
}

use std::sync::Arc;
use std::time::SystemTime;

use super::super::state::Row;
use super::super::{Delivered, Expiry, NewMessage, OutboxRow, Relayed, RelayedMessage, Sent};
use super::data::{Audience, Data, KeyUse, Left, Part, Stored};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::{Error, ItemId, MessageId};

pub(super) use super::super::send::KEY_MILLIS;

impl Data {
    pub(super) fn send(
        &mut self,
        now: i64,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        if let Some(sent) = self.sent_before(now, message)? {
            return Ok(sent);
        }
        let position = self.position(now);
        let users = to.as_slice();
        let is_short = users.len() <= self.part_size;
        let parts = users
            .chunks(self.part_size)
            .map(|users| Part { position: is_short.then_some(position), users: users.to_vec() });
        let parts: Vec<_> = parts.collect();
        if is_short {
            self.put_rows(position, position, users.iter(), to_millis(message.inbox_until()));
        } else {
            self.waiting.extend((0..parts.len()).map(|part| (position, part)));
        }
        let total = users.len() as u64;
        let sent = Sent {
            id: MessageId::new(position),
            recipients: total,
            repeated: false,
            waiting: if is_short { 0 } else { total },
        };
        self.put(now, message, sent, Audience::Users(parts));
        Ok(sent)
    }

    pub(super) fn broadcast(
        &mut self,
        now: i64,
        message: &NewMessage,
        newcomers: bool,
    ) -> Result<Sent, Error> {
        if let Some(sent) = self.sent_before(now, message)? {
            return Ok(sent);
        }
        let id = MessageId::new(self.position(now) | 1);
        let sent = Sent { id, recipients: 0, repeated: false, waiting: 0 };
        self.put(now, message, sent, Audience::Everyone { newcomers });
        self.broadcasts.insert(id.value());
        Ok(sent)
    }

    /// The first result, if this request was sent before with the same key.
    fn sent_before(&self, now: i64, message: &NewMessage) -> Result<Option<Sent>, Error> {
        let Some(idempotency) = message.idempotency() else {
            return Ok(None);
        };
        let key = (message.sender().to_owned(), idempotency.key.as_ref().to_owned());
        match self.keys.get(&key) {
            Some(used) if used.at <= now - KEY_MILLIS => Ok(None),
            Some(used) if used.hash == idempotency.hash => {
                let waiting = self.waiting_recipients(used.sent.id.value());
                Ok(Some(Sent { repeated: true, waiting, ..used.sent }))
            }
            Some(_) => Err(Error::conflict("was used for another message within 24 hours")),
            None => Ok(None),
        }
    }

    fn waiting_recipients(&self, message: i64) -> u64 {
        let parts = self.waiting.range((message, 0)..=(message, usize::MAX));
        let Some(Stored { audience: Audience::Users(list), .. }) = self.messages.get(&message)
        else {
            return 0;
        };
        parts.map(|(_, part)| list[*part].users.len() as u64).sum()
    }

    fn put(&mut self, now: i64, message: &NewMessage, sent: Sent, audience: Audience) {
        if let Some(idempotency) = message.idempotency() {
            let key = (message.sender().to_owned(), idempotency.key.as_ref().to_owned());
            let at = idempotency.used_at(now);
            self.keys.insert(key, KeyUse { hash: idempotency.hash, sent, at });
        }
        let stored = Stored {
            sender: message.sender().to_owned(),
            message: Arc::clone(message.message()),
            sent_at: now,
            inbox_until: to_millis(message.inbox_until()),
            expires_at: to_millis(message.expires_at()),
            retracted_at: None,
            total: sent.recipients,
            audience,
            gone: (0, 0),
        };
        self.messages.insert(sent.id.value(), stored);
        self.day(now).sent += 1;
    }

    fn put_rows<'a>(
        &mut self,
        position: i64,
        message: i64,
        users: impl Iterator<Item = &'a crate::UserId>,
        until: i64,
    ) {
        for user in users {
            let items = &mut self.users.entry(user.clone()).or_default().items;
            items.insert(position, (Row::new(position, until), message));
        }
    }

    pub(super) fn deliver(&mut self, now: i64, name_users: bool) -> Option<Delivered> {
        let (id, number) = self.waiting.pop_first()?;
        let position = self.position(now);
        let stored = self.messages.get_mut(&id)?;
        let until = stored.inbox_until;
        let message = Arc::clone(&stored.message);
        let Audience::Users(parts) = &mut stored.audience else {
            return None;
        };
        parts[number].position = Some(position);
        let users = parts[number].users.clone();
        self.put_rows(position, id, users.iter(), until);
        Some(Delivered {
            id: MessageId::new(id),
            position: ItemId::new(position),
            message,
            delivered: users.len() as u64,
            users: if name_users { users } else { Vec::new() },
        })
    }

    pub(super) fn leave(&mut self, row: OutboxRow) {
        self.last_outbox_id += 1;
        self.outbox.insert(self.last_outbox_id, Left { row, refused: None });
    }

    pub(super) fn relay(&mut self, now: SystemTime, expiry: Expiry, limit: usize) -> Relayed {
        let mut relayed = Relayed::default();
        let fresh = self.outbox.iter().filter(|(_, left)| left.refused.is_none());
        let ids: Vec<i64> = fresh.map(|(id, _)| *id).take(limit).collect();
        relayed.more = ids.len() == limit;
        for outbox_id in ids {
            let Some(left) = self.outbox.get(&outbox_id) else {
                continue;
            };
            let attempt = left.row.prepare(now, expiry).and_then(|(message, user)| {
                let sent = match &user {
                    Some(user) => {
                        self.send(to_millis(now), &message, &Recipients::from(user.clone()))
                    }
                    None => self.broadcast(to_millis(now), &message, false),
                };
                Ok((sent?, message, user))
            });
            match attempt {
                Ok((sent, message, user)) => {
                    self.outbox.remove(&outbox_id);
                    let message = Arc::clone(message.message());
                    relayed.messages.push(RelayedMessage { outbox_id, sent, user, message });
                }
                Err(error) => {
                    relayed.refused += 1;
                    if let Some(left) = self.outbox.get_mut(&outbox_id) {
                        left.refused = Some((error.to_string(), to_millis(now)));
                    }
                }
            }
        }
        relayed
    }
}

use std::sync::Arc;

use super::super::{Export, ExportedItem, Followed, Receipts, SentFilter, SentMessage, SentPage};
use super::data::{Audience, Data, Stored};
use super::reading;
use crate::clock::from_millis;
use crate::store::NewMessage;
use crate::store::state::State;
use crate::{MessageId, UserId};

impl Data {
    pub(super) fn sent(&self, now: i64, filter: &SentFilter) -> SentPage {
        let below = filter.after.map_or(i64::MAX, MessageId::value);
        let mut found = self.messages.range(..below).rev().filter(|(_, stored)| {
            stored.expires_at > now
                && filter.sender.as_ref().is_none_or(|sender| *sender == stored.sender)
        });
        let messages: Vec<_> = found
            .by_ref()
            .take(filter.limit)
            .map(|(id, stored)| sent_message(*id, stored))
            .collect();
        let next = if found.next().is_some() { messages.last().map(|m| m.id) } else { None };
        SentPage { messages, next }
    }

    pub(super) fn receipts(
        &self,
        now: i64,
        id: MessageId,
        sender: Option<&str>,
    ) -> Option<Receipts> {
        let stored = self.messages.get(&id.value())?;
        if stored.expires_at <= now || sender.is_some_and(|sender| sender != stored.sender) {
            return None;
        }
        let sent = sent_message(id.value(), stored);
        if stored.retracted_at.is_some() {
            let delivered = sent.recipients.map(|_| 0);
            return Some(Receipts { sent, delivered, read: 0 });
        }
        let (mut delivered, mut read) = stored.gone;
        match &stored.audience {
            Audience::Everyone { .. } => {
                let readers = self.users.values().filter(|user| {
                    let row = user.broadcast_row(id.value(), stored);
                    stored.is_eligible(user.joined) && user.read_at(&row).is_some()
                });
                read += readers.count() as u64;
                Some(Receipts { sent, delivered: None, read })
            }
            Audience::Users(parts) => {
                for part in parts {
                    let Some(position) = part.position else {
                        continue;
                    };
                    let users = part.users.iter().filter_map(|user| self.users.get(user));
                    for user in users {
                        let Some((row, _)) = user.items.get(&position) else {
                            continue;
                        };
                        delivered += 1;
                        read += u64::from(user.read_at(row).is_some());
                    }
                }
                Some(Receipts { sent, delivered: Some(delivered), read })
            }
        }
    }

    pub(super) fn follow(&self, now: i64, after: i64, limit: usize) -> Vec<Followed> {
        let mut entries = Vec::new();
        for (&id, stored) in &self.messages {
            if !stored.is_live(now) {
                continue;
            }
            let entry = |position, users| Followed {
                position,
                id: MessageId::new(id),
                sender: stored.sender.clone(),
                message: Arc::clone(&stored.message),
                date: from_millis(stored.sent_at),
                users,
            };
            match &stored.audience {
                Audience::Everyone { .. } => entries.push(entry(id, None)),
                Audience::Users(parts) => {
                    for part in parts {
                        let Some(position) = part.position else {
                            continue;
                        };
                        entries.push(entry(position, Some(part.users.clone())));
                    }
                }
            }
        }
        entries.retain(|entry| entry.position > after);
        entries.sort_unstable_by_key(|entry| entry.position);
        entries.truncate(limit);
        entries
    }

    pub(super) fn export(&self, now: i64, user: &UserId) -> Export {
        let data = self.user(user);
        let personal = data
            .items
            .values()
            .filter_map(|(row, message)| Some((*row, self.messages.get(message)?)));
        let everyone =
            self.broadcasts().map(|(id, stored)| (data.broadcast_row(id, stored), stored));
        let mut items: Vec<_> = personal
            .chain(everyone)
            .filter(|(_, stored)| stored.is_live(now) && stored.is_eligible(data.joined))
            .map(|(row, stored)| ExportedItem {
                item: reading::item(now, data, &row, stored),
                dismissed: row.state == State::Dismissed,
            })
            .collect();
        items.sort_unstable_by_key(|exported| std::cmp::Reverse(exported.item.id));
        let left = self.outbox.values().filter(|left| left.row.recipient == user.as_str());
        Export {
            user: user.clone(),
            joined: data.joined.map(from_millis),
            items,
            tokens_ended_at: self.tokens_ended.get(user).copied().map(from_millis),
            outbox: left.map(|left| left.row.message.clone()).collect(),
        }
    }
}

fn sent_message(id: i64, stored: &Stored) -> SentMessage {
    SentMessage {
        id: MessageId::new(id),
        sender: stored.sender.clone(),
        message: Arc::clone(&stored.message),
        date: from_millis(stored.sent_at),
        expires_at: NewMessage::shown_expiry(from_millis(stored.expires_at)),
        retracted_at: stored.retracted_at.map(from_millis),
        recipients: match stored.audience {
            Audience::Everyone { .. } => None,
            Audience::Users(_) => Some(stored.total),
        },
    }
}

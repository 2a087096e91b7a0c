use super::super::{Swept, state};
use super::data::{Audience, Data};
use super::sending::KEY_MILLIS;
use crate::{MessageId, UserId};

/// How long a refused outbox row and the end of a user's tokens are remembered: 30 days.
const KEEP_MILLIS: i64 = 30 * 86_400_000;

impl Data {
    pub(super) fn retract(&mut self, now: i64, id: MessageId, sender: Option<&str>) -> bool {
        let Some(stored) = self.messages.get_mut(&id.value()) else {
            return false;
        };
        let is_theirs = sender.is_none_or(|sender| sender == stored.sender);
        if !stored.is_live(now) || !is_theirs {
            return false;
        }
        stored.retracted_at = Some(now);
        stored.expires_at = state::retracted_until(now, stored.expires_at);
        if let Audience::Users(parts) = &mut stored.audience {
            parts.retain(|part| part.position.is_some());
        }
        self.waiting.retain(|(message, _)| *message != id.value());
        self.broadcasts.remove(&id.value());
        self.remove_rows(id.value());
        true
    }

    /// Removes the users' rows of a message.
    fn remove_rows(&mut self, id: i64) -> u64 {
        let Some(stored) = self.messages.get(&id) else {
            return 0;
        };
        let mut removed = 0;
        match &stored.audience {
            Audience::Everyone { .. } => {
                for user in self.users.values_mut() {
                    removed += u64::from(user.seen.remove(&id).is_some());
                }
            }
            Audience::Users(parts) => {
                for part in parts {
                    let Some(position) = part.position else {
                        continue;
                    };
                    for user in &part.users {
                        if let Some(user) = self.users.get_mut(user) {
                            removed += u64::from(user.items.remove(&position).is_some());
                        }
                    }
                }
            }
        }
        removed
    }

    /// One expired message, or else everything of the other kinds.
    pub(super) fn sweep(&mut self, now: i64) -> Swept {
        let expired = self.messages.iter().find(|(_, stored)| stored.expires_at <= now);
        if let Some((&id, _)) = expired {
            let items = self.remove_rows(id);
            self.waiting.retain(|(message, _)| *message != id);
            self.broadcasts.remove(&id);
            self.messages.remove(&id);
            return Swept { messages: 1, items, more: true, ..Swept::default() };
        }
        let size = |data: &Self| {
            let marks: usize = data.users.values().map(|user| user.marks.len()).sum();
            let records = data.tokens_ended.len() + data.used_once.len();
            data.keys.len() + data.outbox.len() + records + marks
        };
        let before = size(self);
        self.keys.retain(|_, used| used.at > now - KEY_MILLIS);
        self.tokens_ended.retain(|_, at| *at > now - KEEP_MILLIS);
        self.used_once.retain(|_, until| *until > now);
        self.outbox
            .retain(|_, left| left.refused.as_ref().is_none_or(|(_, at)| *at > now - KEEP_MILLIS));
        // A mark below the oldest message dates nothing any more. The newest stays: the watermark.
        let oldest = self.messages.keys().next().copied().unwrap_or(i64::MAX);
        for user in self.users.values_mut() {
            user.marks.retain(|position, _| *position >= oldest);
        }
        Swept { others: (before - size(self)) as u64, ..Swept::default() }
    }

    /// Counts in receipts stay: what the user got and read is added to the messages' own figures.
    pub(super) fn forget(&mut self, now: i64, user: &UserId) -> bool {
        let left = self.outbox.len();
        self.outbox.retain(|_, left| left.row.recipient != user.as_str());
        let had_outbox = left != self.outbox.len();
        let data = self.users.remove(user);
        // Somebody may be known only as one who waits for a list.
        let had_items = data.is_some();
        let data = data.unwrap_or_default();
        let mut did_wait = false;
        for (row, message) in data.items.values() {
            if let Some(stored) = self.messages.get_mut(message) {
                stored.gone.0 += 1;
                stored.gone.1 += u64::from(data.read_at(row).is_some());
            }
        }
        for (id, stored) in &mut self.messages {
            let is_reader = match &mut stored.audience {
                Audience::Everyone { .. } => {
                    stored.is_live(now)
                        && stored.is_eligible(data.joined)
                        && data.read_at(&data.broadcast_row(*id, stored)).is_some()
                }
                Audience::Users(parts) => {
                    for part in parts {
                        let had = part.users.len();
                        part.users.retain(|recipient| recipient != user);
                        if part.position.is_none() {
                            did_wait |= had != part.users.len();
                            stored.total -= (had - part.users.len()) as u64;
                        }
                    }
                    false
                }
            };
            stored.gone.1 += u64::from(is_reader);
        }
        had_items || did_wait || had_outbox
    }
}

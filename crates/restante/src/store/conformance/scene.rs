use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Harness;
use crate::store::{Expiry, NewMessage, OutboxRow, Relayed, Swept};
use crate::testing::FixedClock;
use crate::{
    AsOf, Clock, Count, Error, Filter, Item, ItemId, Message, MessageId, Page, Recipients, Sent,
    Store, UserId,
};

/// The size of parts where a check does not care.
const PART_SIZE: usize = 2_000;

/// A store under test with a clock that stands still, and short words for what checks do to it.
pub(super) struct Scene<'a> {
    harness: &'a dyn Harness,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: FixedClock,
}

/// What receipts say: recipients, delivered, read.
pub(super) type Figures = (Option<u64>, Option<u64>, u64);

impl<'a> Scene<'a> {
    pub(super) async fn new(harness: &'a dyn Harness) -> Self {
        Self::with_parts(harness, PART_SIZE).await
    }

    pub(super) async fn with_parts(harness: &'a dyn Harness, part_size: usize) -> Self {
        let store = harness.store(part_size).await;
        Self { harness, store, clock: FixedClock::default() }
    }

    /// The same store and clock by another handle.
    pub(super) async fn by_second_handle(&self) -> Scene<'a> {
        let store = self.harness.second_handle().await;
        Scene { harness: self.harness, store, clock: self.clock.clone() }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) async fn send(&self, text: &str, to: &[&str]) -> Sent {
        self.send_message(Message::info(text), to).await
    }

    pub(super) async fn send_message(&self, message: Message, to: &[&str]) -> Sent {
        self.send_as("app", None, message, to).await.unwrap()
    }

    pub(super) async fn send_as(
        &self,
        sender: &str,
        key: Option<&str>,
        message: Message,
        to: &[&str],
    ) -> Result<Sent, Error> {
        let to = Recipients::new(to)?;
        let expiry = Expiry::default();
        let message =
            NewMessage::prepare(self.now(), message, sender, key, Some(&to), false, expiry)?;
        self.store.send(self.now(), &message, &to).await
    }

    pub(super) async fn broadcast(&self, text: &str) -> Sent {
        self.broadcast_message(Message::info(text)).await
    }

    pub(super) async fn broadcast_message(&self, message: Message) -> Sent {
        self.broadcast_as("app", None, message, false).await.unwrap()
    }

    pub(super) async fn broadcast_as(
        &self,
        sender: &str,
        key: Option<&str>,
        message: Message,
        newcomers: bool,
    ) -> Result<Sent, Error> {
        let expiry = Expiry::default();
        let message =
            NewMessage::prepare(self.now(), message, sender, key, None, newcomers, expiry)?;
        self.store.broadcast(self.now(), &message, newcomers).await
    }

    /// Delivers all that waits and tells how many users got it.
    pub(super) async fn deliver_all(&self) -> u64 {
        let mut delivered = 0;
        while let Some(part) = self.store.deliver(self.now(), false).await.unwrap() {
            delivered += part.delivered;
        }
        delivered
    }

    pub(super) async fn leave(&self, row: OutboxRow) {
        self.harness.leave(row).await;
    }

    pub(super) async fn relay(&self, limit: usize) -> Relayed {
        self.store.relay(self.now(), Expiry::default(), limit).await.unwrap()
    }

    pub(super) async fn list(&self, user: &str, filter: &Filter) -> Page {
        self.store.list(self.now(), &id(user), filter).await.unwrap()
    }

    /// The whole of a list, page by page.
    pub(super) async fn all(&self, user: &str, mut filter: Filter) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            let page = self.list(user, &filter).await;
            items.extend(page.items);
            filter.after = page.next;
            if page.next.is_none() {
                return items;
            }
        }
    }

    /// The texts of the inbox, newest first.
    pub(super) async fn inbox(&self, user: &str) -> Vec<String> {
        texts(&self.all(user, Filter::unread().limit(100)).await)
    }

    /// The texts of the archive, newest first.
    pub(super) async fn archive(&self, user: &str) -> Vec<String> {
        texts(&self.all(user, Filter::archive().limit(100)).await)
    }

    pub(super) async fn count(&self, user: &str) -> Count {
        self.store.count(self.now(), &id(user)).await.unwrap()
    }

    pub(super) async fn unread(&self, user: &str) -> u64 {
        self.count(user).await.unread
    }

    pub(super) async fn get(&self, user: &str, item: ItemId) -> Option<Item> {
        self.store.get(self.now(), &id(user), item).await.unwrap()
    }

    /// The user's item with this text.
    pub(super) async fn item(&self, user: &str, text: &str) -> Item {
        let items = self.all(user, Filter::archive().limit(100)).await;
        let found = items.into_iter().find(|item| item.message.text() == text);
        found.unwrap_or_else(|| panic!("{user:?} has no {text:?}"))
    }

    pub(super) async fn read(&self, user: &str, item: ItemId) -> bool {
        self.store.mark_read(self.now(), &id(user), &[item]).await.unwrap() == 1
    }

    pub(super) async fn keep(&self, user: &str, item: ItemId) -> bool {
        self.store.mark_unread(self.now(), &id(user), item).await.unwrap()
    }

    pub(super) async fn dismiss(&self, user: &str, item: ItemId) -> bool {
        self.store.dismiss(self.now(), &id(user), item).await.unwrap()
    }

    pub(super) async fn mark_all(&self, user: &str, as_of: AsOf) -> bool {
        self.store.mark_all_read(self.now(), &id(user), &as_of).await.unwrap()
    }

    /// Marks all that a page made now would show.
    pub(super) async fn mark_all_now(&self, user: &str) -> bool {
        let as_of = self.count(user).await.as_of;
        self.mark_all(user, as_of).await
    }

    pub(super) async fn join(&self, user: &str, joined: SystemTime) -> bool {
        self.store.join(self.now(), &id(user), joined).await.unwrap()
    }

    pub(super) async fn forget(&self, user: &str) -> bool {
        self.store.forget(self.now(), &id(user)).await.unwrap()
    }

    pub(super) async fn retract(&self, message: MessageId) -> bool {
        self.store.retract(self.now(), message, None).await.unwrap()
    }

    pub(super) async fn receipts(&self, message: MessageId) -> Option<Figures> {
        let receipts = self.store.receipts(self.now(), message, None).await.unwrap();
        receipts.map(|r| (r.sent.recipients, r.delivered, r.read))
    }

    /// The texts of the log, with how many users each entry is for.
    pub(super) async fn log(&self, after: i64) -> Vec<(i64, String, Option<usize>)> {
        let entries = self.store.follow(self.now(), after, 1_000).await.unwrap();
        let entries = entries.into_iter().map(|entry| {
            let users = entry.users.map(|users| users.len());
            (entry.position, entry.message.text().to_owned(), users)
        });
        entries.collect()
    }

    /// Sweeps to the end and tells what left.
    pub(super) async fn sweep(&self) -> Swept {
        let mut swept = Swept::default();
        for _ in 0..100_000 {
            swept += self.store.sweep(self.now()).await.unwrap();
            if !swept.more {
                return swept;
            }
        }
        panic!("sweeping does not end");
    }
}

pub(super) fn id(user: &str) -> UserId {
    UserId::new(user).unwrap()
}

pub(super) fn texts(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.message.text().to_owned()).collect()
}

/// `u0000` and so on, in their order.
pub(super) fn users(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("u{number:04}")).collect()
}

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The default time until an unread message leaves the inbox, in seconds.
pub(super) const INBOX: u64 = 30 * 86_400;
/// The default time until a message leaves the archive, in seconds.
pub(super) const ARCHIVE: u64 = 120 * 86_400;

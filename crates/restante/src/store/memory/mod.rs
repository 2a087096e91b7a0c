//! The reference store: everything in memory, under one lock, as plainly as it can be said.
//!
//! For tests and for trying out; what it keeps ends with the process. `data` is what it keeps,
//! `sending` puts messages in, `reading` and `marking` are a user's side, `senders` the senders',
//! `upkeep` removes, `records` is the server's own.

mod data;
mod marking;
mod reading;
mod records;
mod senders;
mod sending;
mod upkeep;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;

use self::data::Data;
use super::{
    Changes, Delivered, Expiry, Export, Followed, NewMessage, OutboxRow, Receipts, Relayed, Sent,
    SentFilter, SentPage, Store, Swept,
};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::{AsOf, Count, Error, Filter, Item, ItemId, MessageId, Page, UserId};

/// The reference store: in memory, for tests and for trying out.
///
/// It does all that the other stores do, except outlive its process. Clones share what is kept.
///
/// ```
/// use restante::{MemoryStore, Restante};
///
/// let restante = Restante::new(MemoryStore::new());
/// # let _ = restante;
/// ```
#[derive(Clone, Debug)]
pub struct MemoryStore {
    data: Arc<Mutex<Data>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_part_size(2_000)
    }

    /// An empty store that delivers long lists in parts of this size.
    pub fn with_part_size(part_size: usize) -> Self {
        Self { data: Arc::new(Mutex::new(Data::new(part_size))) }
    }

    /// Leaves a message in the outbox, as other programs do in SQL.
    pub fn leave(&self, row: OutboxRow) {
        self.data().leave(row);
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        // Nothing in here panics half way through a change.
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        self.data().send(to_millis(now), message, to)
    }

    async fn broadcast(
        &self,
        now: SystemTime,
        message: &NewMessage,
        newcomers: bool,
    ) -> Result<Sent, Error> {
        self.data().broadcast(to_millis(now), message, newcomers)
    }

    async fn deliver(&self, now: SystemTime, name_users: bool) -> Result<Option<Delivered>, Error> {
        Ok(self.data().deliver(to_millis(now), name_users))
    }

    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error> {
        Ok(self.data().relay(now, expiry, limit))
    }

    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error> {
        Ok(self.data().list(to_millis(now), user, filter))
    }

    async fn count(&self, now: SystemTime, user: &UserId) -> Result<Count, Error> {
        Ok(self.data().count(to_millis(now), user))
    }

    async fn get(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<Option<Item>, Error> {
        Ok(self.data().get(to_millis(now), user, id))
    }

    async fn mark_read(
        &self,
        now: SystemTime,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        let (mut data, now) = (self.data(), to_millis(now));
        let changed: Vec<_> = ids.iter().map(|id| data.mark_read(now, user, *id)).collect();
        Ok(changed.into_iter().map(u64::from).sum())
    }

    async fn mark_unread(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        Ok(self.data().mark_unread(to_millis(now), user, id))
    }

    async fn mark_all_read(
        &self,
        now: SystemTime,
        user: &UserId,
        as_of: &AsOf,
    ) -> Result<bool, Error> {
        Ok(self.data().mark_all_read(to_millis(now), user, *as_of))
    }

    async fn dismiss(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        Ok(self.data().dismiss(to_millis(now), user, id))
    }

    async fn join(
        &self,
        _now: SystemTime,
        user: &UserId,
        joined: SystemTime,
    ) -> Result<bool, Error> {
        Ok(self.data().join(user, to_millis(joined)))
    }

    async fn sent(&self, now: SystemTime, filter: &SentFilter) -> Result<SentPage, Error> {
        Ok(self.data().sent(to_millis(now), filter))
    }

    async fn receipts(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error> {
        Ok(self.data().receipts(to_millis(now), id, sender))
    }

    async fn retract(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error> {
        Ok(self.data().retract(to_millis(now), id, sender))
    }

    async fn sweep(&self, now: SystemTime) -> Result<Swept, Error> {
        Ok(self.data().sweep(to_millis(now)))
    }

    async fn forget(&self, now: SystemTime, user: &UserId) -> Result<bool, Error> {
        Ok(self.data().forget(to_millis(now), user))
    }

    async fn export(&self, now: SystemTime, user: &UserId) -> Result<Export, Error> {
        Ok(self.data().export(to_millis(now), user))
    }

    async fn follow(
        &self,
        now: SystemTime,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        Ok(self.data().follow(to_millis(now), after, limit))
    }

    fn changes(&self) -> Changes {
        Changes::none()
    }
}

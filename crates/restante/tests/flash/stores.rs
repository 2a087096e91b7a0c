use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use restante::store::NewMessage;
use restante::{
    Error, Filter, ItemId, MemoryStore, Page, Recipients, Restante, Sent, Store, UserId,
    async_trait,
};
use std::sync::Arc;

/// A store that can be switched off.
#[derive(Debug, Default)]
pub(crate) struct Switched {
    pub(crate) store: MemoryStore,
    pub(crate) is_down: Arc<AtomicBool>,
}

impl Switched {
    fn check(&self) -> Result<(), Error> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(Error::transient("switched", "the store is down"));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Switched {
    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        self.check()?;
        self.store.send(now, message, to).await
    }

    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error> {
        self.check()?;
        self.store.list(now, user, filter).await
    }

    async fn mark_read(
        &self,
        now: SystemTime,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        self.check()?;
        self.store.mark_read(now, user, ids).await
    }

    restante::delegate_store! {
        self.store => name, broadcast, deliver, relay, count, get, mark_unread, mark_all_read,
        dismiss, join, sent, receipts, retract, sweep, forget, export, follow, changes
    }
}

restante::delegate_records!(Switched, store);

/// A store that takes 50 ms to send. Time is paused where it is used.
#[derive(Debug, Default)]
pub(crate) struct Slow(pub(crate) MemoryStore);

#[async_trait]
impl Store for Slow {
    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.0.send(now, message, to).await
    }

    async fn mark_read(
        &self,
        now: SystemTime,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.0.mark_read(now, user, ids).await
    }

    restante::delegate_store! {
        self.0 => name, list, broadcast, deliver, relay, count, get, mark_unread, mark_all_read,
        dismiss, join, sent, receipts, retract, sweep, forget, export, follow, changes
    }
}

restante::delegate_records!(Slow, 0);

/// How many messages wait for the user.
pub(crate) async fn unread(restante: &Restante, user: &str) -> u64 {
    restante.inbox(user).unwrap().count().await.unwrap().unread
}

//! A store that wraps another one by the delegating macros.

#![expect(clippy::unwrap_used, reason = "a harness that fails panics")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use restante::conformance::Harness;
use restante::store::{NewMessage, OutboxRow};
use restante::{
    Error, MemoryStore, Message, Recipients, Restante, Sent, Store, To, async_trait,
    delegate_records, delegate_store,
};

/// Counts the messages to lists that went through it.
#[derive(Clone, Debug)]
struct Counting {
    inside: Arc<dyn Store>,
    sent: Arc<AtomicU64>,
}

impl Counting {
    fn new(inside: impl Store) -> Self {
        Self { inside: Arc::new(inside), sent: Arc::default() }
    }
}

#[async_trait]
impl Store for Counting {
    delegate_store! { self.inside => name, broadcast, deliver, relay }

    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        let sent = self.inside.send(now, message, to).await?;
        self.sent.fetch_add(u64::from(!sent.repeated), Ordering::Relaxed);
        Ok(sent)
    }

    delegate_store! {
        self.inside => list, count, get, mark_read, mark_unread, mark_all_read, dismiss, join, sent,
        receipts, retract, sweep, forget, export, follow, changes,
    }
}

delegate_records!(Counting, inside);

#[tokio::test]
async fn a_wrapper_sees_what_it_cares_for() {
    let store = Counting::new(MemoryStore::new());
    let restante = Restante::new(store.clone());
    restante.send(Message::info("one"), "alice").key("k").await.unwrap();
    restante.send(Message::info("one"), "alice").key("k").await.unwrap();
    restante.send(Message::info("two"), ["alice", "bob"]).await.unwrap();
    restante.send(Message::info("three"), To::everyone()).await.unwrap();
    assert_eq!(store.sent.load(Ordering::Relaxed), 2);
    assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 3);
    assert_eq!(store.name(), "memory");
}

#[derive(Default)]
struct OnWrapper(Mutex<MemoryStore>);

#[async_trait]
impl Harness for OnWrapper {
    async fn store(&self, part_size: usize) -> Arc<dyn Store> {
        let store = MemoryStore::with_part_size(part_size);
        *self.0.lock().unwrap() = store.clone();
        Arc::new(Counting::new(store))
    }

    async fn second_handle(&self) -> Arc<dyn Store> {
        Arc::new(Counting::new(self.0.lock().unwrap().clone()))
    }

    async fn leave(&self, row: OutboxRow) {
        self.0.lock().unwrap().leave(row);
    }
}

restante::conformance_tests!(OnWrapper::default());

//! What the service does by itself.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use restante::store::{Expiry, Relayed};
use restante::{
    Error, Event, EventKind, MemoryStore, Message, Restante, Store, async_trait, delegate_records,
    delegate_store,
};

/// A store whose outbox cannot be relayed.
#[derive(Debug)]
struct Clogged(Arc<dyn Store>);

#[async_trait]
impl Store for Clogged {
    async fn relay(&self, _: SystemTime, _: Expiry, _: usize) -> Result<Relayed, Error> {
        Err(Error::internal("clogged", "on purpose"))
    }

    delegate_store! {
        self.0 => name, send, broadcast, deliver, list, count, get, mark_read, mark_unread,
        mark_all_read, dismiss, join, sent, receipts, retract, sweep, forget, export, follow
    }
}

delegate_records!(Clogged, 0);

#[tokio::test]
async fn a_clogged_outbox_does_not_hold_up_long_lists() {
    let restante = Restante::new(Clogged(Arc::new(MemoryStore::with_part_size(1))));
    let mut bob = restante.inbox("bob").unwrap().subscribe();
    restante.send(Message::info("Ahoy there"), ["alice", "bob"]).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(20), bob.recv()).await.unwrap();
    assert!(matches!(told, Some(Event { kind: EventKind::Stored, .. })), "{told:?}");
}

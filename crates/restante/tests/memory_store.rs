//! The conformance suite on the reference store.

#![expect(clippy::unwrap_used, reason = "a harness that fails panics")]

use std::sync::{Arc, Mutex};

use restante::conformance::Harness;
use restante::store::OutboxRow;
use restante::{MemoryStore, Store, async_trait};

#[derive(Default)]
struct OnMemory(Mutex<MemoryStore>);

impl OnMemory {
    fn current(&self) -> MemoryStore {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Harness for OnMemory {
    async fn store(&self, part_size: usize) -> Arc<dyn Store> {
        *self.0.lock().unwrap() = MemoryStore::with_part_size(part_size);
        Arc::new(self.current())
    }

    async fn second_handle(&self) -> Arc<dyn Store> {
        Arc::new(self.current())
    }

    async fn leave(&self, row: OutboxRow) {
        self.current().leave(row);
    }
}

restante::conformance_tests!(OnMemory::default());

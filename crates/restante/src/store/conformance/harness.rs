use std::sync::Arc;

use async_trait::async_trait;

use crate::Store;
use crate::store::OutboxRow;

/// What the suite needs of a store's author: a fresh store, another handle on the same one, and the
/// outbox's other end.
///
/// Each check makes a harness of its own, so that checks run beside each other.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use restante::conformance::Harness;
/// use restante::store::OutboxRow;
/// use restante::{MemoryStore, Store, async_trait};
///
/// #[derive(Default)]
/// struct OnMemory(Mutex<MemoryStore>);
///
/// #[async_trait]
/// impl Harness for OnMemory {
///     async fn store(&self, part_size: usize) -> Arc<dyn Store> {
///         let store = MemoryStore::with_part_size(part_size);
///         *self.0.lock().unwrap() = store.clone();
///         Arc::new(store)
///     }
///
///     async fn second_handle(&self) -> Arc<dyn Store> {
///         Arc::new(self.0.lock().unwrap().clone())
///     }
///
///     async fn leave(&self, row: OutboxRow) {
///         self.0.lock().unwrap().leave(row);
///     }
/// }
///
/// restante::conformance_tests!(OnMemory::default());
/// # fn main() {}
/// ```
#[async_trait]
pub trait Harness: Send + Sync + 'static {
    /// A fresh and empty store that delivers long lists in parts of `part_size`. The other methods
    /// speak of the last one made.
    async fn store(&self, part_size: usize) -> Arc<dyn Store>;

    /// Another handle on the same data, as another process would have it.
    async fn second_handle(&self) -> Arc<dyn Store>;

    /// Leaves a row in the outbox by the store's own means, as another program would.
    async fn leave(&self, row: OutboxRow);

    /// How far apart two positions are at least that one clock gives out: 2, unless several clocks take
    /// turns.
    fn position_step(&self) -> i64 {
        2
    }

    /// The share of the model test's sequences that this store runs, unless scaled: one behind a
    /// network takes milliseconds for what another does in microseconds.
    fn model_share(&self) -> f64 {
        1.0
    }
}

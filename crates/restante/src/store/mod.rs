//! The store's contract, and the stores.
//!
//! [`Store`] is what an implementor writes: small, object-safe, one atomic intention a method.
//! [`Records`] is the second, small contract for what the server itself must remember. What both
//! speak of is in `send` (what goes in), `sent` (what senders see of it) and `follow` (the log).
//! `state` holds the rules by which one item of one user changes; every store applies the same.
//!
//! [`MemoryStore`] is the reference, `sqlite` the embedded default, `conformance` what each must
//! pass.

#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod delegate;
mod follow;
pub mod memory;
mod outbox;
mod records;
#[cfg(feature = "redis")]
pub mod redis;
mod send;
mod sent;
#[cfg(feature = "sqlite")]
pub mod sqlite;
pub mod state;

pub use contract::Store;
pub use follow::Followed;
pub use memory::MemoryStore;
pub use outbox::OutboxRow;
pub use records::{ApiKey, Day, Load, Records, StartAt};
pub use send::{Delivered, Expiry, Idempotency, NewMessage, Relayed, RelayedMessage, Sent};
pub use sent::{Export, ExportedItem, Receipts, SentFilter, SentMessage, SentPage, Swept};

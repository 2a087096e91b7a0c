//! The store's contract, and the stores.
//!
//! [`Store`] is what an implementor writes: small, object-safe, one atomic intention a method.
//! [`Records`] is the second, small contract for what the server itself must remember. What both
//! speak of is in `send` (what goes in), `sent` (what senders see of it), `follow` (the log) and `changes` (hints).
//! `state` holds the rules by which one item of one user changes; every store applies the same.
//! `shared_view` and `user_view` are what SQL stores keep of broadcasts in memory and what one user
//! sees of them; `user_list` is how they keep lists of users. `group`, `paging` and `outage` are what
//! stores on a server of their own share: group commit, pages, and leaving a server that is away alone;
//! `gathering` is how callers who ask at once share a question, `bodies` what a process remembers of
//! messages that it has shown.
//!
//! [`MemoryStore`] is the reference, `sqlite` the embedded default, `postgres` and `mysql` for several
//! servers, `conformance` what each must pass.

#[cfg(any(feature = "postgres", feature = "redis"))]
mod bodies;
mod changes;
#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod delegate;
mod follow;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod gathering;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod group;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod hints;
pub mod memory;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod outage;
mod outbox;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod paging;
#[cfg(feature = "postgres")]
pub mod postgres;
mod records;
#[cfg(feature = "redis")]
pub mod redis;
mod send;
mod sent;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod shared_view;
#[cfg(feature = "sqlite")]
pub mod sqlite;
pub mod state;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod user_list;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod user_view;

pub use changes::{Change, ChangeSender, Changes};
pub use contract::Store;
pub use follow::Followed;
pub use memory::MemoryStore;
pub use outbox::OutboxRow;
pub use records::{ApiKey, Day, Load, Records, StartAt};
pub use send::{Delivered, Expiry, Idempotency, NewMessage, Relayed, RelayedMessage, Sent};
pub use sent::{Export, ExportedItem, Receipts, SentFilter, SentMessage, SentPage, Swept};

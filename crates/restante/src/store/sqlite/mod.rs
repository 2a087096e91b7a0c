//! The embedded default: one SQLite file, any number of processes on it.
//!
//! One thread writes: it gathers what callers ask for into one transaction and answers them after
//! one fsync (`writer`, `tx`). Reads run inline on the calling thread, each from a snapshot
//! (`readers`), with broadcasts cached in the process (`shared_view`).
//!
//! | file | what it does |
//! |---|---|
//! | `options`, `connection`, `schema` | opening a file and bringing its tables up to date |
//! | `users`, `rows`, `messages` | the tables' small operations, shared by the rest |
//! | `sending`, `long_list`, `relaying` | putting messages in |
//! | `reading`, `glance`, `remembered`, `merging`, `marking` | a user's side |
//! | `senders`, `following` | the senders' side |
//! | `retracting`, `sweeping`, `forgetting` | removing |
//! | `watching` | noticing other processes |
//! | `anchor` | keeping readers on several threads out of each other's way |
//! | `records` | the server's own |

mod anchor;
mod connection;
mod following;
mod forgetting;
mod glance;
mod long_list;
mod marking;
mod merging;
mod messages;
mod options;
mod readers;
mod reading;
mod records;
mod relaying;
mod remembered;
mod retracting;
mod rows;
mod schema;
mod senders;
mod sending;
mod store;
mod sweeping;
mod tx;
mod users;
mod watching;
mod writer;

pub(crate) use connection::error;
pub use options::{Durability, SqliteOptions};
pub use store::SqliteStore;

/// The store's name in errors.
const NAME: &str = "sqlite";

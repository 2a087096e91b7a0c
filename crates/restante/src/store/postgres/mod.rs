//! PostgreSQL: any number of servers on one database.
//!
//! One task a process writes: it gathers what callers ask for into one transaction and answers them
//! after one commit (`writing`, `tx`, and `store::group`). The transaction holds the clock row, so positions
//! rise in the order of commits across processes. What is read goes over connections that many callers
//! share (`readers`), with broadcasts cached in the process; those who ask for inboxes and counts at
//! the same time share a statement too (`inboxes`). What may take long is read from a snapshot on a
//! connection of its own (`snapshots`).
//!
//! | file | what it does |
//! |---|---|
//! | `options`, `address`, `tls`, `connector`, `session` | reaching the server |
//! | `schema` | the tables and the function that reads a page |
//! | `failure` | what the server's errors mean to a caller |
//! | `directory`, `rows`, `messages` | the tables' small operations, shared by the rest |
//! | `sending`, `keys`, `long_list`, `relaying` | putting messages in |
//! | `inboxes`, `glance` | inboxes and counts, of many callers in one statement |
//! | `paging`, `reading`, `marking` | the rest of a user's side |
//! | `senders`, `following` | the senders' side |
//! | `retracting`, `sweeping`, `forgetting` | removing |
//! | `hints`, `listening` | what other processes are told, and tell |
//! | `store`, `operations` | the store itself, and the contract over all of these |
//! | `records` | the server's own |

mod address;
mod connector;
mod directory;
mod failure;
mod following;
mod forgetting;
mod glance;
mod hints;
mod inboxes;
mod keys;
mod listening;
mod long_list;
mod marking;
mod messages;
mod operations;
mod options;
mod paging;
mod readers;
mod reading;
mod records;
mod relaying;
mod retracting;
mod rows;
mod schema;
mod senders;
mod sending;
mod session;
mod snapshots;
mod store;
mod sweeping;
mod tls;
mod tx;
mod writing;

#[doc(hidden)]
pub use connector::plain_client;
pub(crate) use failure::error;
pub use options::PostgresOptions;
pub use store::PostgresStore;

/// The store's name in errors.
const NAME: &str = "postgres";

/// What the modules give each other: the driver's error, which [`failure`] makes the crate's.
type Result<T> = std::result::Result<T, tokio_postgres::Error>;

//! MySQL and MariaDB: any number of servers on one database.
//!
//! One task a process writes: it gathers what callers ask for into one transaction and answers them
//! after one commit (`writing`, `tx`, and `store::group`). The transaction holds the clock row, so
//! positions rise in the order of commits across processes. Pages and counts are one round trip each:
//! a read-only transaction that sees one moment, with broadcasts cached in the process.
//!
//! | file | what it does |
//! |---|---|
//! | `options`, `address`, `connector`, `session`, `sql` | reaching the server and speaking to it |
//! | `schema` | the tables |
//! | `failure` | what the server's errors mean to a caller |
//! | `directory`, `rows`, `messages`, `view` | the tables' small operations, shared by the rest |
//! | `sending`, `keys`, `long_list`, `leaving`, `relaying` | putting messages in |
//! | `asking`, `reading`, `marking` | a user's side |
//! | `senders`, `following` | the senders' side |
//! | `retracting`, `sweeping`, `forgetting` | removing |
//! | `watching` | noticing other processes |
//! | `records` | the server's own |
//! | `store`, `operations` | the store itself, and the contract over all of these |

mod address;
mod asking;
mod connector;
mod directory;
mod failure;
mod following;
mod forgetting;
mod keys;
pub(crate) mod leaving;
mod long_list;
mod marking;
mod messages;
mod operations;
mod options;
mod reading;
mod records;
mod relaying;
mod retracting;
mod rows;
mod schema;
mod senders;
mod sending;
mod session;
mod sql;
mod store;
mod sweeping;
mod tx;
mod view;
mod watching;
mod writing;

pub(crate) use failure::error;
pub use options::MysqlOptions;
pub use store::MysqlStore;

/// The store's name in errors.
const NAME: &str = "mysql";

/// What the modules give each other: the driver's error, which [`failure`] makes the crate's.
type Result<T> = std::result::Result<T, mysql_async::Error>;

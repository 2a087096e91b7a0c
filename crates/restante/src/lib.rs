//! Messages for the users of a web app.
//!
//! A *flash* message is shown on the next page, once. A *stored* message is kept in a user's inbox
//! until it is read; a *broadcast* is one row that everyone sees.
#![cfg_attr(feature = "axum", doc = include_str!("flash/example.md"))]
//!
//! # The inbox
//! [`Restante`] is the service that every face calls, [`Inbox`] one user's view of it, [`Store`]
//! what keeps the messages.
//!
//! ```
//! use restante::{Filter, MemoryStore, Message, Restante, To};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
//! let restante = Restante::new(MemoryStore::new());
//! restante.send(Message::info("Export ready").url("/exports/7"), "alice").key("export-7").await?;
//! restante.send(Message::warning("Down at noon"), To::everyone()).await?;
//!
//! let inbox = restante.inbox("alice")?;
//! let page = inbox.list(Filter::unread()).await?;
//! assert_eq!(page.items[0].message.text(), "Down at noon");
//! assert_eq!(page.unread, 2);
//!
//! // Marks what that page showed, and nothing that arrived since.
//! inbox.mark_all_read(&page.as_of).await?;
//! assert_eq!(inbox.count().await?.unread, 0);
//! # Ok(()) }
//! ```
//!
//! # Where things are
//! The domain (`level`, `message`, `data`, `user`, `recipients`, `id`, `page`, `filter`, `event`,
//! `error`, `clock`, `limits`) does no I/O. [`store`] is the contract and the stores. `inbox` is the
//! service, [`outbox`] leaves messages in the app's own transaction.
//! `flash` is what one request says and shows; `django`, behind a feature, is the cookie of Django's
//! messages framework. `axum`, a private module, fits it to that framework.
//! Nothing lower knows what is above it, and nothing but `axum` knows a web framework.

#[cfg(feature = "axum")]
#[path = "axum/mod.rs"]
mod axum_adapter;
mod clock;
mod data;
mod error;
mod event;
mod filter;
#[cfg(feature = "axum")]
mod flash;
#[cfg(all(fuzzing, feature = "axum"))]
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod inbox;
mod level;
pub mod limits;
mod message;
pub mod outbox;
mod page;
mod recipients;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod user;

pub use async_trait::async_trait;
#[cfg(feature = "tower-sessions")]
pub use axum_adapter::TowerSessions;
#[cfg(feature = "tower-sessions-014")]
pub use axum_adapter::TowerSessions014;
#[cfg(feature = "axum")]
pub use axum_adapter::{
    Messages, MessagesLayer, MessagesRejection, MessagesService, Problem, ResponseFuture,
};
#[cfg(feature = "inbox-routes")]
pub use axum_adapter::{
    bell_routes, inbox_openapi, inbox_routes, inbox_routes_for_tokens, refuse_other_sites,
};
pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind};
pub use event::{Event, EventKind};
pub use filter::{Filter, Matcher, View};
#[cfg(feature = "django")]
pub use flash::django::{self, DjangoKey};
#[cfg(feature = "axum")]
pub use flash::{
    Key, MaybeUser, OpenedCookie, PageContext, SameSite, SessionError, SessionText, Sessions,
    Shown, Taken,
};
pub use id::{ItemId, MAX_POSITION, MessageId};
pub use inbox::{EventStream, Events, Follower, Inbox, Restante, SendRequest};
pub use level::Level;
pub use message::{Expires, Message};
pub use page::{AsOf, Count, Cursor, Item, Page};
pub use recipients::{Recipients, To};
#[cfg(feature = "conformance")]
pub use store::conformance;
#[cfg(feature = "mysql")]
pub use store::mysql::{MysqlOptions, MysqlStore};
#[cfg(feature = "postgres")]
pub use store::postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "redis")]
pub use store::redis::{RedisOptions, RedisStore};
#[cfg(feature = "sqlite")]
pub use store::sqlite::{Durability, SqliteOptions, SqliteStore};
pub use store::{Export, MemoryStore, Records, Sent, Store};
pub use user::{User, UserId};

/// The README's examples are tested with the documentation's.
#[cfg(all(doctest, feature = "axum", feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;

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
//! messages framework. `routes` is the inbox over HTTP. `axum` and `actix`, private modules, fit
//! these to the frameworks. Nothing lower knows what is above it, and nothing but those two knows a
//! web framework.

#[cfg(feature = "actix-web")]
mod actix;
#[cfg(feature = "axum")]
#[path = "axum/mod.rs"]
mod axum_adapter;
mod clock;
mod data;
mod error;
mod event;
mod filter;
#[cfg(feature = "flash")]
#[cfg_attr(
    not(any(feature = "axum", feature = "actix-web")),
    allow(dead_code, unreachable_pub, unused_imports, reason = "no adapter: keys and codecs")
)]
mod flash;
#[cfg(all(fuzzing, feature = "flash"))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "flash")]
mod headers;
mod id;
mod inbox;
mod level;
pub mod limits;
mod message;
pub mod outbox;
mod page;
#[cfg(feature = "flash")]
#[cfg_attr(
    not(any(feature = "axum", feature = "actix-web")),
    allow(dead_code, reason = "no adapter answers with it")
)]
mod problem;
mod recipients;
#[cfg(feature = "inbox-routes")]
#[cfg_attr(
    not(any(feature = "axum", feature = "actix-web")),
    allow(dead_code, unused_imports, reason = "no adapter: the description")
)]
mod routes;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod user;

#[cfg(feature = "actix-web")]
pub use actix::MessagesMiddleware;
#[cfg(all(feature = "actix-web", feature = "inbox-routes"))]
pub use actix::{BellService, InboxService, bell_service, inbox_service};
pub use async_trait::async_trait;
#[cfg(feature = "tower-sessions")]
pub use axum_adapter::TowerSessions;
#[cfg(feature = "tower-sessions-014")]
pub use axum_adapter::TowerSessions014;
#[cfg(feature = "axum")]
pub use axum_adapter::{MessagesLayer, MessagesService, ResponseFuture};
#[cfg(all(feature = "axum", feature = "inbox-routes"))]
pub use axum_adapter::{bell_routes, inbox_routes, inbox_routes_for_tokens, refuse_other_sites};
pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind};
pub use event::{Event, EventKind};
pub use filter::{Filter, Matcher, View};
#[cfg(feature = "axum")]
pub use flash::Sessions;
#[cfg(feature = "django")]
pub use flash::django::{self, DjangoKey};
#[cfg(feature = "flash")]
pub use flash::{BoxError, Key, OpenedCookie};
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub use flash::{
    MaybeUser, Messages, MessagesRejection, PageContext, SameSite, SessionError, SessionText,
    Shown, Taken,
};
pub use id::{ItemId, MAX_POSITION, MessageId};
pub use inbox::{EventStream, Events, Follower, Inbox, Restante, SendRequest};
pub use level::Level;
pub use message::{Expires, Message};
pub use page::{AsOf, Count, Cursor, Item, Page};
#[cfg(feature = "flash")]
pub use problem::Problem;
pub use recipients::{Recipients, To};
#[cfg(feature = "inbox-routes")]
pub use routes::inbox_openapi;
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

//! The adapter for actix-web.
//!
//! `middleware` is configured, `service` gives each request its messages, `future` sets what the
//! response needs, `messages` and `inbox` are the extractors, `session` finds actix-session.
//! `problem` and `rejection` are how errors are told, `routes` the inbox as JSON.

mod future;
mod headers;
mod inbox;
mod messages;
mod middleware;
mod problem;
mod rejection;
#[cfg(feature = "inbox-routes")]
mod routes;
mod service;
#[cfg(feature = "actix-session")]
mod session;
#[cfg(feature = "testing")]
mod testing;

pub use middleware::MessagesMiddleware;
#[cfg(feature = "inbox-routes")]
pub use routes::{BellService, InboxService, bell_service, inbox_service};

//! The adapter for axum, and for every other tower service that runs inside it.
//!
//! `layer` is configured, `service` gives each request its messages, `future` sets what the
//! response needs, `messages` and `inbox` are the extractors, `sessions` finds tower-sessions.
//! `problem` and `rejection` are how errors are told, `routes` the inbox as JSON.

mod future;
mod inbox;
mod layer;
mod messages;
mod problem;
mod rejection;
#[cfg(feature = "inbox-routes")]
mod routes;
mod service;
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-014"))]
mod sessions;

pub use future::ResponseFuture;
pub use layer::MessagesLayer;
#[cfg(feature = "inbox-routes")]
pub use routes::{bell_routes, inbox_routes, inbox_routes_for_tokens, refuse_other_sites};
pub use service::MessagesService;
#[cfg(feature = "tower-sessions")]
pub use sessions::TowerSessions;
#[cfg(feature = "tower-sessions-014")]
pub use sessions::TowerSessions014;

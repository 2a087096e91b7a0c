//! The adapter for axum, and for every other tower service that runs inside it.
//!
//! `layer` is configured, `service` gives each request its messages, `future` sets what the
//! response needs, `messages` and `inbox` are the extractors, `sessions` finds tower-sessions.

mod future;
mod inbox;
mod layer;
mod messages;
mod rejection;
mod service;
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-014"))]
mod sessions;

pub use future::ResponseFuture;
pub use layer::MessagesLayer;
pub use messages::Messages;
pub use rejection::MessagesRejection;
pub use service::MessagesService;
#[cfg(feature = "tower-sessions")]
pub use sessions::TowerSessions;
#[cfg(feature = "tower-sessions-014")]
pub use sessions::TowerSessions014;

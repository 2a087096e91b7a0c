//! The service that every face calls.
//!
//! `service` is [`Restante`], bound to the process: sending, senders' views, upkeep. `user_inbox`
//! is [`Inbox`], one user's. `send_request` is the builder between them, `hub` tells listeners,
//! also what `listening` hears of other processes; `upkeep` finishes lists, relays the outbox and
//! sweeps, in the task of `background`; `follower` reads the durable log; `live` is
//! an inbox that is open, as server-sent events.

mod background;
mod follower;
mod hub;
mod listening;
mod live;
mod send_request;
mod service;
mod upkeep;
mod user_inbox;

pub use follower::Follower;
pub use hub::Events;
pub use live::EventStream;
pub use send_request::SendRequest;
pub use service::Restante;
pub use user_inbox::Inbox;

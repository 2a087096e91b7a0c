//! The service: what it tells listeners, what it does by itself, and what followers read.
//!
//! `ground` is the stores that it stands on here, with parts of two users. Where time matters and
//! the store is in memory, tokio's time is paused: it moves on when nothing else can.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails panics")]

mod background;
mod events;
mod following;
mod ground;
mod hints;
mod leases;
#[path = "../live/mod.rs"]
mod live;
mod live_streams;
mod sending;

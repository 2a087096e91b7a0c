//! What every store must pass.
//!
//! A store's author writes a [`Harness`] and one line,
//! [`conformance_tests!`](crate::conformance_tests), which expands to a named test for each check.
//! Each subject of the contract has a file of checks: plain functions that panic where a store is
//! wrong. [`seeds`] holds the faults of the apps that came before, [`race`] the race that watermarks
//! can lose, [`model`] random operations that hold a store against a plain model. `scene` is the
//! store under test with short words for what the checks do to it, `suite` the list of all checks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "these are tests: where a store is wrong, they panic"
)]

pub mod broadcast;
pub mod concurrency;
pub mod expiry;
pub mod follow;
pub mod forget;
mod harness;
pub mod idempotency;
pub mod inbox;
pub mod limits;
pub mod lists;
pub mod model;
pub mod order;
pub mod outbox;
pub mod race;
pub mod read;
pub mod receipts;
pub mod records;
pub mod retract;
mod scene;
pub mod seeds;
pub mod send;
mod suite;
pub mod sweep;

pub use harness::Harness;

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

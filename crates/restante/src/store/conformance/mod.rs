#![allow(clippy::unwrap_used, clippy::expect_used)]
mod harness;
pub mod model;
pub use harness::Harness;
pub(crate) fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

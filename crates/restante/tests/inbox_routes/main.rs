//! The inbox as JSON over HTTP, a file per subject. `site` is the app that the tests call.

#![expect(clippy::unwrap_used, reason = "a call that fails fails its test")]

mod caching;
mod description;
mod errors;
mod items;
mod listing;
mod marking;
mod other_sites;
mod problems;
mod queries;
mod set_up;
mod site;
mod sqlite;
mod store_faults;

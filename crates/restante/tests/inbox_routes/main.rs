//! The inbox as JSON over HTTP, a file per subject: in axum and in actix-web, one test, two
//! frameworks. `site` is the app that the tests call; `on_axum` and `on_actix` make it, and have the
//! tests among their modules, each file twice.

#![expect(clippy::unwrap_used, reason = "a call that fails fails its test")]
#![expect(clippy::duplicate_mod, reason = "one test, two frameworks")]

mod description;
mod on_actix;
mod on_axum;
mod site;

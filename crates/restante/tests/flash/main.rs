//! Flash messages as a browser sees them, through the axum layer and through the middleware of
//! actix-web: one test, two frameworks.
//!
//! `browser` keeps cookies, `script` is what an app does whose paths say what its handler does,
//! `stores` are stores that are slow or down. `on_axum` and `on_actix` make such apps, and have the
//! tests among their modules, each file twice. The files `behaviour_*` follow the observed behaviour
//! of Django's messages framework, line by line; `rules` and `rules_shown` the rules of the public
//! interface.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as the tests do")]
#![expect(clippy::duplicate_mod, reason = "one test, two frameworks")]
#![expect(clippy::format_collect, reason = "as users write it")]

mod browser;
mod log;
mod on_actix;
mod on_axum;
mod script;
mod stores;

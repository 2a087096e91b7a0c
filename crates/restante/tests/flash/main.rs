//! Flash messages through the axum layer, as a browser sees them.
//!
//! `browser` keeps cookies, `script` is an app whose paths say what its handler does, `stores` are
//! stores that are slow or down. The files `behaviour_*` follow the observed behaviour of Django's
//! messages framework, line by line; `rules` and
//! `rules_shown` the rules of the public interface.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as the tests do")]
#![expect(clippy::format_collect, reason = "as users write it")]

mod behaviour_adding;
mod behaviour_cookie;
mod behaviour_fallback;
mod behaviour_levels;
mod behaviour_middleware;
mod behaviour_reading;
mod behaviour_response;
mod behaviour_session;
mod browser;
mod cancel;
mod life;
mod log;
mod overlap;
mod rules;
mod rules_shown;
mod script;
mod sessions;
mod stored;
mod stores;
mod templates;

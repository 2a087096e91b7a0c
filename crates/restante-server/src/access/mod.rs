//! Who may do what: the API keys of senders and the tokens of users.
//!
//! `scope` is what a key may do, `keys` makes and finds keys; `tokens` signs and reads tokens with
//! the HMAC of `signing`. Browsers have `sessions`, which begin with one of the `tickets`; both are
//! a user and a time, `signed`. Who administers has `admin_sessions`, which begin with a key.
//! `random` is where secrets come from. Nothing here knows HTTP or the command line; both use it.

pub(crate) mod admin_sessions;
pub(crate) mod keys;
mod random;
mod scope;
pub(crate) mod sessions;
mod signed;
mod signing;
pub(crate) mod tickets;
pub(crate) mod tokens;

pub(crate) use self::random::random;
pub(crate) use self::scope::Scope;

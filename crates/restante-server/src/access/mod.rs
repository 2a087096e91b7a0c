//! Who may do what: the API keys of senders and the tokens of users.
//!
//! `scope` is what a key may do, `keys` makes and finds keys, `tokens` signs and reads tokens with
//! the HMAC of `signing`. Nothing here knows HTTP or the command line; both use it.

pub(crate) mod keys;
mod scope;
mod signing;
pub(crate) mod tokens;

pub(crate) use self::scope::Scope;

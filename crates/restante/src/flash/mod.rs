//! Request-bound messages, free of any framework: what a cookie or session brought, what is said
//! during the request, and what the response must set.
//!
//! `key` signs, `codec` packs messages into few bytes, `cookie` is the signed value with its limit
//! and its settings, `shown` is what a page gets.

mod codec;
mod cookie;
mod key;

pub use cookie::{CookieSettings, SameSite};
pub use key::Key;

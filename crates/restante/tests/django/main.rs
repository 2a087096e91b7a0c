//! The cookie of Django's messages framework.
//!
//! `vectors` are cookies that the real Django wrote, of its versions 3.0 to 5.2: what each holds,
//! and that the same is written to the byte. `site` is an app beside a Django site.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as the tests do")]

mod site;
mod vectors;

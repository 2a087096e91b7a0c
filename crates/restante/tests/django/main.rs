//! The cookie of Django's messages framework.
//!
//! `vectors` are cookies that the real Django wrote, of its versions 3.0 to 5.2: what each holds,
//! and that the same is written to the byte. `site` is an app beside a Django site, `on_actix` one in
//! actix-web.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as the tests do")]

mod on_actix;
mod site;
mod vectors;

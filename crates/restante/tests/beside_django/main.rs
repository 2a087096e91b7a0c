//! An app beside a real Django site, behind one origin: each shows what the other said.
//!
//! `site.py` is the site, which runs in the environments that `scripts/setup` makes; `origin` starts
//! it with an axum app beside it, and `visitor` is who comes: curl, with a jar of cookies.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as the tests do")]

mod both_ways;
mod origin;
mod overflow;
mod rotation;
mod visitor;

//! The real binary, a real file, a real port.
//!
//! `sandbox` starts and stops what is tested. `journey` is the main job from end to end, `verbs`
//! the command line, `pages` what a browser gets, `doors` who gets in and who does not, `demo` the
//! first minute of whoever tries it out.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod demo;
mod doors;
mod journey;
mod pages;
mod sandbox;
mod settings;
mod verbs;

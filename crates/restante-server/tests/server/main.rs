//! The real binary, a real file, a real port.
//!
//! `sandbox` starts and stops what is tested. `journey` is the main job from end to end, `verbs`
//! the command line, `settings` where its options come from, `keys` API keys and tokens; `remote`
//! is the same verbs through a server, `way` what can go wrong on the way there; `pages` is what a
//! browser gets, `doors` who gets in and who does not, `demo` the first minute of whoever tries it
//! out, `operating` what whoever runs it relies on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod demo;
mod doors;
mod journey;
mod keys;
mod operating;
mod pages;
mod remote;
mod sandbox;
mod settings;
mod verbs;
mod way;

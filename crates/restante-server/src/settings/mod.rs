//! Where the value of an option comes from: the command line, the environment, `restante.toml`,
//! the default; the first that has one.
//!
//! `option` finds the options in the tree of commands, so that none can be forgotten; `file` reads
//! `restante.toml`; `layers` puts what environment and file say among the arguments, so that clap
//! judges all of it by the same rules. `document` writes `docs/config.md` from the same tree.

#[cfg(test)]
mod document;
mod file;
mod layers;
mod option;

pub(crate) use self::layers::{with_notes, with_settings};

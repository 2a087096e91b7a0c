//! `restante`: a message server with an embedded store, and its command line.
//!
//! `cli` has one file for each verb, whose options `settings` looks for in other places too;
//! `backend` is what the verbs speak to, a store of their own or a server. `http` is what `serve`
//! serves, `serving` how, `metrics` what it counts meanwhile; `access` says who may do what; `demo`
//! fills a store to try it out, `import` with what another system kept. All open their store through `database`, write times through
//! `dates`, and report what went wrong as a `failure`.

mod access;
mod backend;
mod cli;
mod database;
mod dates;
mod demo;
mod failure;
mod http;
mod import;
mod metrics;
mod serving;
mod settings;

use std::process::ExitCode;

use crate::cli::CommandLine;
use crate::cli::output::Output;

fn main() -> ExitCode {
    let mut output = Output::new();
    // Usage errors end here with code 2.
    let ended = CommandLine::read()
        .and_then(|command| command.run(&mut output))
        .and_then(|()| output.flush());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        // `restante sent | head`: who reads has seen enough.
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            output.complain(&failure);
            ExitCode::FAILURE
        }
    }
}

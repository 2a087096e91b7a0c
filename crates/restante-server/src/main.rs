//! `restante`: a message server with an embedded store, and its command line.
//!
//! `cli` has one file for each verb; `http` is what `serve` serves; `demo` fills a store to try it
//! out. Both sides open their store through `database`, write times through `dates`, and report
//! what went wrong as a `failure`.

mod access;
mod cli;
mod database;
mod dates;
mod demo;
mod failure;
mod http;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::CommandLine;
use crate::cli::output::Output;

fn main() -> ExitCode {
    // Usage errors end here with code 2.
    let command = CommandLine::parse();
    let mut output = Output::new();
    let ended = command.run(&mut output).and_then(|()| output.flush());
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

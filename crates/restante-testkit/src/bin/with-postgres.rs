//! Runs a command while there is a PostgreSQL of its own, whose URL it finds in
//! `RESTANTE_E2E_DATABASE`, and ends as the command ends.

use std::process::{Command, ExitCode};

use restante_testkit::postgres::{PostgresServer, or_skipped};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with-postgres COMMAND [ARGUMENT…]");
        return ExitCode::FAILURE;
    };
    let Some(server) = or_skipped(PostgresServer::start_fast()) else {
        return ExitCode::SUCCESS;
    };
    let url = server.url("postgres");
    match Command::new(program).args(words).env("RESTANTE_E2E_DATABASE", url).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

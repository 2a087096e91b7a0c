//! Measures Restante beside the bare database: one run, one table, ratios from the same run.
//!
//! Each measurement is taken several times, in turn with its baseline (A B A B …), and the medians
//! are compared; what else the machine does then weighs on both alike. A goal that is missed is
//! told and fails nothing.
//!
//! `arguments` and `table` are what goes in and comes out, `timing` takes turns, `scratch` is how
//! large it is and where files go, `app` and `bare` are the two sides' SQLite, `traffic` and
//! `reading` what callers do, `data_set` the large file that several share; `server` is the real
//! server, `load` what is put on it, `over_http` both together and `processor` what it costs; `bench`
//! is what all of the `measurements` get, one file each.

mod app;
mod arguments;
mod bare;
mod bench;
mod data_set;
mod load;
mod measurements;
mod open_streams;
mod over_http;
mod processor;
mod reading;
mod scratch;
mod server;
mod table;
mod timing;
mod traffic;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, USAGE};
use bench::Bench;
use table::Table;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(server::EMPTY) {
        return told(
            words
                .next()
                .ok_or("an address is missing".into())
                .and_then(|address| server::serve_empty(&address)),
        );
    }
    told(Arguments::parse(std::env::args().skip(1)).and_then(|arguments| match arguments {
        Some(arguments) => run(&arguments),
        None => Ok(std::io::stdout().write_all(USAGE.as_bytes())?),
    }))
}

fn told(done: Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "restante-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let bench = Bench::new(&arguments.dir, arguments.quick)?;
    let mut table = Table::default();
    for (name, measure) in measurements::ALL {
        if arguments.wants(name) {
            writeln!(std::io::stderr(), "{name} …")?;
            table.extend(measure(&bench)?);
        }
    }
    let mut out = std::io::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut out, &table.to_json())?;
        writeln!(out)?;
    } else {
        write!(out, "{table}")?;
    }
    Ok(())
}

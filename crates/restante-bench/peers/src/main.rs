//! Flash messages beside other libraries: what a request costs beyond the same app without them.
//!
//! `side` is an app with a layer and without, `axum_sides` and `actix_side` are the libraries,
//! `peers` names them, `browser` sees that each does what is measured, `visits` makes requests,
//! `costs` measures them, `report` prints the table and holds it against the goals. `facts` tests
//! what COMPARE.md says of them.

mod actix_side;
mod axum_sides;
mod browser;
mod costs;
#[cfg(test)]
mod facts;
mod peers;
mod report;
mod side;
mod visits;

use std::process::ExitCode;

use costs::{BATCH, Cost};
use peers::Peer;
use report::Report;
use side::{Operation, Which};

const USAGE: &str = "\
Measures flash messages beside other libraries and prints one table.

Usage: restante-bench-peers [--quick]

--quick  a small run without valgrind that shows that everything works; its figures mean nothing
";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match *arguments {
        [] => measure(501, true),
        ["--quick"] => measure(3, false),
        ["--run", peer, path, which] => run(peer, path, which),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(rounds: usize, counts: bool) -> Result<(), String> {
    let mut report = Report::default();
    for operation in Operation::MEASURED {
        eprintln!("{} …", operation.path());
        let peers: Vec<_> = Peer::ALL.into_iter().filter(|peer| peer.can(operation)).collect();
        let mut sides: Vec<_> = peers.iter().map(|peer| peer.start()).collect();
        let nanoseconds = costs::nanoseconds(&mut sides, operation, rounds);
        for (peer, nanoseconds) in peers.into_iter().zip(nanoseconds) {
            let instructions =
                if counts { costs::instructions(peer, operation)? } else { f64::NAN };
            report.add(peer, operation, Cost { instructions, nanoseconds });
        }
    }
    print!("{report}");
    Ok(())
}

/// One batch, for valgrind to count.
fn run(peer: &str, path: &str, which: &str) -> Result<(), String> {
    let peer = Peer::named(peer).ok_or("no such peer")?;
    let operation = Operation::MEASURED.into_iter().find(|operation| operation.path() == path);
    let which = if which == "bare" { Which::Bare } else { Which::Layered };
    peer.start().run(which, operation.ok_or("no such operation")?, BATCH);
    Ok(())
}

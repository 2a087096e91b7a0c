//! What a request costs with a layer beyond what it costs without.

use std::process::Command;
use std::time::Duration;

use crate::peers::Peer;
use crate::side::{Operation, Which};
use crate::visits::Measured;

/// How many requests are handled at once: enough for the clock, few enough for the cache.
pub(crate) const BATCH: usize = 256;

/// Over the bare app, for one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) instructions: f64,
    pub(crate) nanoseconds: f64,
}

/// Nanoseconds of each: all of them in turn, each with its bare app, round after round, and the
/// medians of the differences. What else the machine does then falls on all alike.
pub(crate) fn nanoseconds(
    sides: &mut [Box<dyn Measured>],
    operation: Operation,
    rounds: usize,
) -> Vec<f64> {
    let mut differences = vec![Vec::with_capacity(rounds); sides.len()];
    for _ in 0..rounds {
        for (side, differences) in sides.iter_mut().zip(&mut differences) {
            let mut run = |which| per_request(side.run(which, operation, BATCH));
            differences.push(-run(Which::Bare) + run(Which::Layered));
        }
    }
    differences.into_iter().map(median).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "a batch is small")]
fn per_request(taken: Duration) -> f64 {
    taken.as_secs_f64() * 1e9 / BATCH as f64
}

/// Instructions: this program once more for each app, under valgrind, which counts only while
/// requests are handled.
pub(crate) fn instructions(peer: Peer, operation: Operation) -> Result<f64, String> {
    Ok(count(peer, operation, Which::Layered)? - count(peer, operation, Which::Bare)?)
}

fn count(peer: Peer, operation: Operation, which: Which) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=*measured_requests*")
        .arg(program)
        .args(["--run", peer.name(), operation.path()])
        .arg(if which == Which::Bare { "bare" } else { "layered" })
        .output()
        .map_err(|error| format!("valgrind, which counts instructions, does not start: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let collected =
        log.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    let collected: f64 = collected.ok_or_else(|| format!("valgrind counted nothing:\n{log}"))?;
    #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
    Ok(collected / BATCH as f64)
}

//! Random operations on a store and on a plain model of it, compared after every one.
//!
//! `plain` is the model. `sequence` is one run of operations from a seed: `sending` holds those of
//! senders, `reading` those of users, `upkeep` the rest. `compare` holds store and model against
//! each other.
//!
//! `RESTANTE_TEST_SCALE` multiplies the number of sequences, `RESTANTE_TEST_SEED` runs one alone.

mod compare;
mod plain;
mod reading;
mod request;
mod sending;
mod sequence;
mod upkeep;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use self::sequence::Sequence;
use super::{Harness, from_environment};

/// How many sequences are run.
const SEQUENCES: f64 = 300.0;
/// How many operations each has.
const OPERATIONS: usize = 100;

/// Runs the sequences, as many at a time as the machine has processors.
///
/// # Panics
/// Where store and model differ, after the seed, the operation's number and what led up to it have
/// been written to standard error.
pub async fn random_operations<H: Harness>(harness: impl Fn() -> H) {
    if let Some(seed) = from_environment("RESTANTE_TEST_SEED") {
        return Sequence::run(&harness(), seed, OPERATIONS).await;
    }
    let scale: f64 = from_environment("RESTANTE_TEST_SCALE").unwrap_or(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, which is what is wanted"
    )]
    let sequences = (SEQUENCES * harness().model_share() * scale).ceil() as u64;
    let next = Arc::new(AtomicU64::new(0));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut running = Vec::new();
    for _ in 0..workers {
        let (harness, next) = (harness(), Arc::clone(&next));
        running.push(tokio::spawn(async move {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= sequences {
                    return;
                }
                Sequence::run(&harness, seed, OPERATIONS).await;
            }
        }));
    }
    for worker in running {
        if let Err(error) = worker.await {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

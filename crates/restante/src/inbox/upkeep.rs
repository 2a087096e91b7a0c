//! What the service does by itself: relays the outbox, delivers long lists, sweeps.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Error;
use crate::store::Swept;

/// How often expired messages leave. Expiry itself is judged at every read.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// When to sweep next; shared by the rounds of one task.
#[derive(Clone, Debug)]
pub(super) struct NextSweep(Arc<Mutex<Instant>>);

impl NextSweep {
    /// At once.
    pub(super) fn now() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn is_due(&self) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) <= Instant::now()
    }

    fn put_off(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + SWEEP_EVERY;
    }
}

/// Does each once, the last only when it is due, and tells whether all went well. One that fails
/// does not keep the others from being done.
pub(super) async fn round(
    next_sweep: &NextSweep,
    relay: impl Future<Output = Result<u64, Error>>,
    deliver: impl Future<Output = Result<u64, Error>>,
    sweep: impl Future<Output = Result<Swept, Error>>,
) -> bool {
    let relayed = told("relaying the outbox", relay.await);
    let delivered = told("delivering long lists", deliver.await);
    if !next_sweep.is_due() {
        return relayed && delivered;
    }
    let swept = told("sweeping", sweep.await);
    if swept {
        next_sweep.put_off();
    }
    relayed && delivered && swept
}

fn told<T>(what: &'static str, done: Result<T, Error>) -> bool {
    match done {
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "{what} failed");
            false
        }
    }
}

//! What the service does by itself while it lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Restante;
use super::service::Inner;
use crate::Error;

/// How often the outbox and waiting lists are looked at: a row left there is seen after half of
/// this at the median. A look costs two reads of an empty index.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often expired messages leave. Expiry itself is judged at every read.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// How long to leave a failing store alone.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// The task that finishes lists, relays the outbox and sweeps: started by the first call that finds
/// a runtime, ended when the last clone of the service is gone.
#[derive(Default)]
pub(super) struct Background {
    running: Arc<AtomicBool>,
    woken: Arc<Notify>,
    is_off: bool,
}

impl Background {
    pub(super) fn off() -> Self {
        Self { running: Arc::new(AtomicBool::new(true)), is_off: true, ..Self::default() }
    }

    /// The same choice for a service with other settings.
    pub(super) fn restart(&self) -> Self {
        if self.is_off { Self::off() } else { Self::default() }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    /// There is something to do: do not wait for the next look.
    pub(super) fn wake(&self) {
        self.woken.notify_one();
    }

    #[cold]
    pub(super) fn start(&self, inner: &Arc<Inner>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if self.running.swap(true, Ordering::AcqRel) {
            return;
        }
        let guard = Running(Arc::clone(&self.running));
        let (service, woken) = (Arc::downgrade(inner), Arc::clone(&self.woken));
        runtime.spawn(async move {
            let _guard = guard;
            let mut next_sweep = Instant::now();
            while let Some(inner) = service.upgrade() {
                let is_well = round(&inner.service(), &mut next_sweep).await;
                let pause = if is_well { LOOK_EVERY } else { AFTER_ERROR };
                let _ = tokio::time::timeout(pause, woken.notified()).await;
            }
        });
    }
}

/// Does each once and tells whether all went well. One that fails does not keep the others from
/// being done.
async fn round(restante: &Restante, next_sweep: &mut Instant) -> bool {
    let relayed = told("relaying the outbox", restante.relay().await);
    let delivered = told("delivering long lists", restante.deliver_waiting(|_| {}).await);
    if *next_sweep > Instant::now() {
        return relayed && delivered;
    }
    let swept = told("sweeping", restante.sweep().await);
    if swept {
        *next_sweep = Instant::now() + SWEEP_EVERY;
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

/// Clears the flag when the task ends, whether by itself or with its runtime, so that a call from
/// another runtime starts it again.
struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

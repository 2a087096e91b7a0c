//! The task in which the service does by itself what has to be done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// How often the outbox and waiting lists are looked at: a row left there is seen after half of
/// this at the median. A look costs two reads of an empty index.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long to leave a failing store alone.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// A task that is started by the first call that finds a runtime, and ends when there is nobody left
/// to work for.
#[derive(Default)]
pub(super) struct Background {
    running: Arc<AtomicBool>,
    woken: Arc<Notify>,
    is_off: bool,
    listening: Mutex<Option<AbortHandle>>,
}

impl Background {
    pub(super) fn off() -> Self {
        Self {
            running: Arc::new(AtomicBool::new(true)),
            woken: Arc::default(),
            is_off: true,
            listening: Mutex::default(),
        }
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

    fn listening(&self) -> MutexGuard<'_, Option<AbortHandle>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What wakes the task, for others than the service.
    pub(super) fn woken(&self) -> Arc<Notify> {
        Arc::clone(&self.woken)
    }

    /// Runs `round` again and again until it gives nothing, with a pause after each. A round tells
    /// whether all went well. `listen` goes on beside it while there is somebody to work for.
    #[cold]
    pub(super) fn start<F, R, L>(&self, mut round: F, listen: impl FnOnce() -> L)
    where
        L: Future<Output = ()> + Send + 'static,
        F: FnMut() -> Option<R> + Send + 'static,
        R: Future<Output = bool> + Send,
    {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if self.running.swap(true, Ordering::AcqRel) {
            return;
        }
        let guard = Running(Arc::clone(&self.running));
        let woken = Arc::clone(&self.woken);
        let listening = runtime.spawn(listen()).abort_handle();
        if let Some(before) = self.listening().replace(listening) {
            before.abort();
        }
        runtime.spawn(async move {
            let _guard = guard;
            while let Some(round) = round() {
                let pause = if round.await { LOOK_EVERY } else { AFTER_ERROR };
                let _ = tokio::time::timeout(pause, woken.notified()).await;
            }
        });
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It waits for others, who may never do anything.
        if let Some(listening) = self.listening().take() {
            listening.abort();
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

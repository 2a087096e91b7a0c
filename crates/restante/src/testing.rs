//! For the tests of an app: a clock that stands still.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Clock;

/// A clock that stands still until it is told to move. Clones show the same time.
///
/// ```
/// use restante::testing::FixedClock;
/// use restante::{MemoryStore, Message, Restante};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let clock = FixedClock::default();
/// let restante = Restante::new(MemoryStore::new()).with_clock(clock.clone());
/// restante.send(Message::info("Soon gone").expires_in(Duration::from_secs(60)), "alice").await?;
/// clock.advance(Duration::from_secs(61));
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<SystemTime>>);

impl FixedClock {
    /// A clock that shows this time.
    pub fn at(time: impl Into<SystemTime>) -> Self {
        Self(Arc::new(Mutex::new(time.into())))
    }

    /// Shows another time, earlier or later.
    pub fn set(&self, time: impl Into<SystemTime>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time.into();
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for FixedClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(UNIX_EPOCH + Duration::from_secs(1_767_225_600))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

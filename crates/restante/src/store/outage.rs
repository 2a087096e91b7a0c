//! Leaving a server alone that does not answer.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::Error;

/// How long to leave it alone: at first, and at most. A server that comes back is found within the
/// latter.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// While a server does not answer, callers are told so at once and only now and then one of them
/// tries again: not all of them, and not all processes at the same moment.
#[derive(Debug, Default)]
pub(crate) struct Outages {
    current: tokio::sync::Mutex<Option<Outage>>,
}

#[derive(Debug)]
struct Outage {
    error: Error,
    pause: Duration,
    over_at: Instant,
}

impl Outages {
    /// Connects, unless that failed a moment ago. One caller at a time.
    pub(crate) async fn attempt<T>(
        &self,
        connect: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut outage = self.current.lock().await;
        if let Some(outage) = outage.as_ref().filter(|outage| Instant::now() < outage.over_at) {
            return Err(outage.error.repeated());
        }
        match connect.await {
            Ok(connected) => {
                *outage = None;
                Ok(connected)
            }
            Err(error) => {
                let pause = outage
                    .as_ref()
                    .map_or(FIRST_PAUSE, |outage| (outage.pause * 2).min(LONGEST_PAUSE));
                let over_at = Instant::now() + pause.mul_f64(0.5 + fastrand::f64() / 2.0);
                *outage = Some(Outage { error: error.repeated(), pause, over_at });
                Err(error)
            }
        }
    }
}

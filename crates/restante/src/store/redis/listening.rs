//! Hearing what other processes tell.

use std::sync::Arc;
use std::time::Duration;

use super::connection::Link;
use crate::Error;
use crate::store::hints::read;
use crate::store::{Change, ChangeSender};

/// How often to see whether anything would be heard: a network that forgot a connection says
/// nothing.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(500);

/// Listens until nobody wants to hear it. `own` is the number of this process's store.
pub(super) async fn listen(link: Arc<Link>, channel: String, own: u64, changes: ChangeSender) {
    tokio::select! {
        () = changes.closed() => {}
        () = listen_for_ever(&link, &channel, own, &changes) => {}
    }
}

async fn listen_for_ever(link: &Link, channel: &str, own: u64, changes: &ChangeSender) {
    loop {
        if let Err(error) = listen_once(link, channel, own, changes).await {
            // Whoever reads or writes says so louder.
            tracing::debug!(error = &error as &dyn std::error::Error, "nothing is heard");
        }
        tokio::time::sleep(PAUSE.mul_f64(0.5 + fastrand::f64())).await;
    }
}

async fn listen_once(
    link: &Link,
    channel: &str,
    own: u64,
    changes: &ChangeSender,
) -> Result<(), Error> {
    let mut heard = link.hear(channel).await?;
    // Whatever was told before is missed.
    changes.send(Change::Anything);
    let mut is_tried = false;
    loop {
        match tokio::time::timeout(LOOK_EVERY, heard.next()).await {
            Ok(Some(payload)) => {
                is_tried = false;
                for change in read(&payload, own) {
                    changes.send(change);
                }
            }
            // Broken, or deaf: not even this process hears itself.
            Ok(None) => return Ok(()),
            Err(_) if is_tried => return Ok(()),
            Err(_) => {
                let mut tell = redis::cmd(link.publish());
                tell.arg(channel).arg(format!("{own:x}"));
                link.ask(tell).await?;
                is_tried = true;
            }
        }
    }
}

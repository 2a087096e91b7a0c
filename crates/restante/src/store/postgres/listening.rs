//! Hearing what other processes tell by NOTIFY.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Client;

use super::connector::Connector;
use super::{failure, hints};
use crate::Error;
use crate::store::hints::read;
use crate::store::{Change, ChangeSender};

/// How often to see whether the connection is still there: a network that forgot it says nothing.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long to wait for an answer, and before connecting again.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);

/// Listens until nobody wants to hear it. `own` is the number of this process's writer.
pub(super) async fn listen(connector: Arc<Connector>, own: u64, changes: ChangeSender) {
    tokio::select! {
        () = changes.closed() => {}
        () = listen_for_ever(&connector, own, &changes) => {}
    }
}

async fn listen_for_ever(connector: &Connector, own: u64, changes: &ChangeSender) {
    loop {
        match listen_once(connector, own, changes).await {
            Ok(()) => {}
            // Whoever reads or writes says so louder.
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "nothing is heard");
            }
        }
        tokio::time::sleep(PAUSE.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
    }
}

async fn listen_once(connector: &Connector, own: u64, changes: &ChangeSender) -> Result<(), Error> {
    let (client, mut payloads) = connector.listen().await?;
    begin(&client).await.map_err(failure::error)?;
    // Whatever was told before is missed.
    changes.send(Change::Anything);
    loop {
        match tokio::time::timeout(LOOK_EVERY, payloads.recv()).await {
            Ok(Some(payload)) => {
                for change in read(&payload, own) {
                    changes.send(change);
                }
            }
            Ok(None) => return Ok(()),
            Err(_) => {
                let answer = tokio::time::timeout(PATIENCE, client.batch_execute("")).await;
                match answer {
                    Ok(answer) => answer.map_err(failure::error)?,
                    Err(_) => return Ok(()),
                }
            }
        }
    }
}

async fn begin(client: &Client) -> super::Result<()> {
    let channel: String = client.query_one(hints::CHANNEL, &[]).await?.try_get(0)?;
    // Letters, digits and an underscore.
    client.batch_execute(&format!("LISTEN {channel}")).await
}

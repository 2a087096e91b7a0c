//! Noticing that another process wrote: MySQL tells nobody, so it is looked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::connector::Pool;
use super::session::{Session, get};
use super::{Result, failure};
use crate::Error;
use crate::store::{Change, ChangeSender};

/// How often to look: two reads of one row each.
const LOOK_EVERY: Duration = Duration::from_millis(150);

const LOOK: &str = "
    SELECT c.writes, EXISTS (SELECT 1 FROM restante_outbox WHERE refused_at IS NULL)
    FROM restante_clock c";

/// Looks until nobody wants to know. `own` is how often this process wrote itself.
pub(super) async fn watch(pool: Arc<Pool>, own: Arc<AtomicI64>, changes: ChangeSender) {
    tokio::select! {
        () = changes.closed() => {}
        () = watch_for_ever(&pool, &own, &changes) => {}
    }
}

async fn watch_for_ever(pool: &Pool, own: &AtomicI64, changes: &ChangeSender) {
    // The most writes of others that were seen. What this process has under way is counted already
    // and not there yet, so the number may seem to fall.
    let mut known: Option<i64> = None;
    loop {
        match look(pool, own).await {
            Ok((others, has_work)) => {
                if known.is_some_and(|known| others > known) {
                    changes.send(Change::Anything);
                }
                known = Some(known.map_or(others, |known| known.max(others)));
                if has_work {
                    changes.send(Change::Work);
                }
            }
            // Whoever reads or writes says so louder.
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "nothing is seen");
            }
        }
        tokio::time::sleep(LOOK_EVERY.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
    }
}

async fn look(pool: &Pool, own: &AtomicI64) -> std::result::Result<(i64, bool), Error> {
    let lent = pool.lend().await?;
    let (writes, has_work) = read(&lent.session).await.map_err(failure::error)?;
    // Counted after looking: a write of our own that was seen has been counted by then.
    Ok((writes - own.load(Ordering::Acquire), has_work))
}

async fn read(session: &Session) -> Result<(i64, bool)> {
    let row = session.row(LOOK, &[]).await?;
    row.map_or(Ok((0, false)), |row| Ok((get(&row, 0)?, get(&row, 1)?)))
}

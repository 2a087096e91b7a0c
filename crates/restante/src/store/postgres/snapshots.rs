//! Reads that may take long, each in a snapshot on a connection of its own, so that nobody's page
//! waits behind it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::connector::Connector;
use super::session::Session;
use super::{NAME, Result, failure};
use crate::Error;

/// Most of them at once; further callers wait.
const AT_ONCE: usize = 4;

/// Idle connections.
#[derive(Debug)]
pub(super) struct Snapshots {
    connector: Arc<Connector>,
    idle: Mutex<Vec<Arc<Session>>>,
    permits: Semaphore,
}

/// A read-only transaction that sees one moment. Its connection is used again only after
/// [`end`](Self::end): when the caller goes away midway, nobody knows what is under way on it.
#[derive(Debug)]
pub(super) struct Snapshot<'s> {
    snapshots: &'s Snapshots,
    pub(super) session: Arc<Session>,
    _permit: SemaphorePermit<'s>,
}

impl Snapshots {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, idle: Mutex::default(), permits: Semaphore::new(AT_ONCE) }
    }

    pub(super) async fn begin(&self) -> std::result::Result<Snapshot<'_>, Error> {
        let permit = self.permits.acquire().await;
        let permit =
            permit.map_err(|e| Error::internal(NAME, "the store is closed").with_source(e))?;
        // Statements see the moment of the first one, not each its own.
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        loop {
            let idle = self.idle().pop();
            let is_new = idle.is_none();
            let session = match idle {
                Some(session) if session.is_usable() => session,
                Some(_) => continue,
                None => self.connector.connect().await?,
            };
            match session.batch(begin).await {
                Ok(()) => return Ok(Snapshot { snapshots: self, session, _permit: permit }),
                // It broke off while it was idle.
                Err(error) if failure::is_lost(&error) && !is_new => {}
                Err(error) => return Err(failure::error(error)),
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Arc<Session>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshot<'_> {
    /// Gives the connection back, and what was read.
    pub(super) async fn end<T>(self, read: Result<T>) -> std::result::Result<T, Error> {
        // Nothing was written: ending it by COMMIT or ROLLBACK is the same.
        if self.session.batch("ROLLBACK").await.is_ok() {
            self.snapshots.idle().push(Arc::clone(&self.session));
        }
        read.map_err(failure::error)
    }
}

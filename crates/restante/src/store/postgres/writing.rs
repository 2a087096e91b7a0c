//! Where the writer's groups go: one connection of the process, with its own transactions.

use std::sync::Arc;
use std::time::Duration;

use super::connector::{Connector, Link};
use super::session::Session;
use super::tx::Tx;
use super::{NAME, Result, directory, failure};
use crate::Error;
use crate::store::group::{Database, Kept, Known, Verdict};

/// PostgreSQL as groups are written to it.
#[derive(Debug)]
pub(super) struct Writing {
    link: Link,
    patience: Duration,
    origin: u64,
}

impl Writing {
    pub(super) fn new(connector: Arc<Connector>, patience: Duration) -> Self {
        Self { link: Link::new(connector), patience, origin: fastrand::u64(1..) }
    }

    /// A number by which this process knows what it told itself.
    pub(super) fn origin(&self) -> u64 {
        self.origin
    }
}

impl Database for Writing {
    const NAME: &'static str = NAME;
    type Session = Arc<Session>;
    type Tx = Tx;
    type Failure = tokio_postgres::Error;

    async fn session(&self) -> std::result::Result<Arc<Session>, Error> {
        self.link.session().await
    }

    async fn begin(&self, session: Arc<Session>) -> Result<Tx> {
        Tx::begin(session, self.patience, self.origin).await
    }

    async fn find(session: &Arc<Session>, keys: &[&str]) -> Result<(i64, Vec<Known>)> {
        directory::find(session, keys).await
    }

    async fn make(session: &Arc<Session>, keys: &[&str], kept: Kept) -> Result<()> {
        directory::make(session, keys, kept).await
    }

    fn error(failure: tokio_postgres::Error) -> Error {
        failure::error(failure)
    }

    fn verdict(failure: &tokio_postgres::Error) -> Verdict {
        if failure::is_lost(failure) {
            Verdict::Lost
        } else if failure.code().is_some() {
            Verdict::Refused
        } else {
            Verdict::Unclear
        }
    }
}

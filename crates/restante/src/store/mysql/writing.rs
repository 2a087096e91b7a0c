//! Where the writer's groups go: one connection of the process, with its own transactions.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use mysql_async::Error as DriversError;

use super::connector::{Connector, Link};
use super::session::Session;
use super::tx::Tx;
use super::{NAME, Result, directory, failure};
use crate::Error;
use crate::store::group::{Database, Kept, Known, Verdict};

/// MySQL as groups are written to it.
#[derive(Debug)]
pub(super) struct Writing {
    link: Link,
    own_writes: Arc<AtomicI64>,
}

impl Writing {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { link: Link::new(connector), own_writes: Arc::default() }
    }

    /// How often this process has committed, or tried to.
    pub(super) fn own_writes(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.own_writes)
    }
}

impl Database for Writing {
    const NAME: &'static str = NAME;
    type Session = Arc<Session>;
    type Tx = Tx;
    type Failure = DriversError;

    async fn session(&self) -> std::result::Result<Arc<Session>, Error> {
        self.link.session().await
    }

    async fn begin(&self, session: Arc<Session>) -> Result<Tx> {
        Tx::begin(session, Arc::clone(&self.own_writes)).await
    }

    async fn find(session: &Arc<Session>, keys: &[&str]) -> Result<(i64, Vec<Known>)> {
        directory::find(session, keys).await
    }

    async fn make(session: &Arc<Session>, keys: &[&str], kept: Kept) -> Result<()> {
        directory::make(session, keys, kept).await
    }

    fn error(failure: DriversError) -> Error {
        failure::error(failure)
    }

    fn verdict(failure: &DriversError) -> Verdict {
        failure::verdict(failure)
    }
}

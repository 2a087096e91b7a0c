//! Opening connections, again and again where that is needed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysql_async::Conn;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::address::Address;
use super::session::Session;
use super::sql::sql;
use super::{NAME, Result, failure, schema};
use crate::Error;
use crate::store::outage::Outages;

/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Opens connections to one database.
#[derive(Debug)]
pub(super) struct Connector {
    address: Address,
    patience: Duration,
    are_tables_there: AtomicBool,
    outages: Outages,
}

impl Connector {
    pub(super) fn new(url: &str, patience: Duration) -> std::result::Result<Self, Error> {
        let address = Address::parse(url, patience)?;
        if address.options.ssl_opts().is_some() {
            // The driver takes the process's own, which nobody may have chosen. Whoever has keeps it.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let (are_tables_there, outages) = (AtomicBool::new(false), Outages::default());
        Ok(Self { address, patience, are_tables_there, outages })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// A new connection to a database whose tables are up to date.
    pub(super) async fn connect(&self) -> std::result::Result<Arc<Session>, Error> {
        self.outages.attempt(self.connect_now()).await.map(Arc::new)
    }

    async fn connect_now(&self) -> std::result::Result<Session, Error> {
        let connecting = Conn::new(self.address.options.clone());
        let connected = tokio::time::timeout(CONNECT, connecting).await;
        let connected = connected
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()));
        let conn = connected.map_err(failure::error)?;
        // Statements wait for locks within `patience`; this is for a server that is gone.
        let session = Session::new(conn, self.patience * 2 + Duration::from_secs(1));
        if !self.are_tables_there.load(Ordering::Acquire) {
            schema::migrate(&session).await?;
            self.are_tables_there.store(true, Ordering::Release);
        }
        Ok(session)
    }
}

/// A connection that is replaced when it breaks.
#[derive(Debug)]
pub(super) struct Link {
    connector: Arc<Connector>,
    current: Mutex<Option<Arc<Session>>>,
}

impl Link {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, current: Mutex::new(None) }
    }

    pub(super) async fn session(&self) -> std::result::Result<Arc<Session>, Error> {
        if let Some(session) = lock(&self.current).as_ref().filter(|session| session.is_usable()) {
            return Ok(Arc::clone(session));
        }
        let session = self.connector.connect().await?;
        *lock(&self.current) = Some(Arc::clone(&session));
        Ok(session)
    }
}

/// Connections of which each serves one caller at a time. The driver's own pool opens them one by one
/// against a server that is gone, and knows nothing of pauses between.
#[derive(Debug)]
pub(super) struct Pool {
    connector: Arc<Connector>,
    idle: Mutex<Vec<Arc<Session>>>,
    permits: Semaphore,
}

/// A connection that goes back when it is dropped, unless something is still under way on it.
#[derive(Debug)]
pub(super) struct Lent<'p> {
    pool: &'p Pool,
    pub(super) session: Arc<Session>,
    _permit: SemaphorePermit<'p>,
}

impl Pool {
    pub(super) fn new(connector: Arc<Connector>, connections: usize) -> Self {
        let permits = Semaphore::new(connections.max(1));
        Self { connector, idle: Mutex::default(), permits }
    }

    pub(super) async fn lend(&self) -> std::result::Result<Lent<'_>, Error> {
        let permit = self.permits.acquire().await;
        let permit =
            permit.map_err(|e| Error::internal(NAME, "the store is closed").with_source(e))?;
        let idle = lock(&self.idle).pop();
        let session = match idle {
            Some(session) => session,
            None => self.connector.connect().await?,
        };
        Ok(Lent { pool: self, session, _permit: permit })
    }

    /// Whether to try again after an error: a few times, if the connection broke off. What is asked
    /// here may be asked twice.
    pub(super) fn again(
        &self,
        error: mysql_async::Error,
        tries: &mut u32,
    ) -> std::result::Result<(), Error> {
        *tries += 1;
        if failure::is_lost(&error) {
            // The others are as old, and have likely gone the same way.
            lock(&self.idle).clear();
            if *tries < 3 {
                return Ok(());
            }
        }
        Err(failure::error(error))
    }

    /// A transaction that sees one moment and writes nothing.
    pub(super) async fn snapshot(&self) -> std::result::Result<Snapshot<'_>, Error> {
        let mut tries = 0;
        loop {
            let lent = self.lend().await?;
            match lent.session.ask(&begin_snapshot()).await {
                Ok(_) => return Ok(Snapshot { lent, is_over: false }),
                Err(error) => self.again(error, &mut tries)?,
            }
        }
    }
}

/// Begins a transaction all of whose statements see the moment at which it began. The level is said
/// for this transaction alone; only at this one `InnoDB` keeps a snapshot from one statement to the
/// next.
pub(super) fn begin_snapshot() -> super::sql::Sql {
    sql(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
         START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        &[],
    )
}

/// A connection within [`begin_snapshot`]. It is used again only after [`end`](Self::end).
#[derive(Debug)]
pub(super) struct Snapshot<'p> {
    pub(super) lent: Lent<'p>,
    is_over: bool,
}

impl Snapshot<'_> {
    /// Gives the connection back, and what was read.
    pub(super) async fn end<T>(mut self, read: Result<T>) -> std::result::Result<T, Error> {
        // Nothing was written: ending it by COMMIT or ROLLBACK is the same.
        self.is_over = self.lent.session.ask(&sql("ROLLBACK", &[])).await.is_ok();
        read.map_err(failure::error)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.lent.session.give_up();
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if self.session.is_usable() {
            lock(&self.pool.idle).push(Arc::clone(&self.session));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What they hold is changed in one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

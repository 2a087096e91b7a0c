//! Opening connections, again and again where that is needed.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_postgres::{AsyncMessage, Client};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::session::Session;
use super::{failure, schema, tls};
use crate::Error;

/// How long to leave a server alone that did not answer: at first, and at most. A server that comes
/// back is found within the latter.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Opens connections to one database. While the server does not answer, callers are told so at once
/// and only now and then one of them tries again: not all of them, and not all processes at the same
/// moment.
#[derive(Debug)]
pub(super) struct Connector {
    address: Address,
    /// Where hints are heard, if not there.
    listens_at: Option<Address>,
    tls: TlsConnector,
    are_tables_there: AtomicBool,
    outage: tokio::sync::Mutex<Option<Outage>>,
}

struct TlsConnector(MakeRustlsConnect);

impl std::fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsConnector")
    }
}

#[derive(Debug)]
struct Outage {
    error: Error,
    pause: Duration,
    over_at: Instant,
}

impl Connector {
    pub(super) fn new(url: &str, listens_at: Option<&str>) -> Result<Self, Error> {
        let address = Address::parse(url)?;
        let listens_at = listens_at.map(Address::parse).transpose()?;
        let tls = TlsConnector(tls::connect(&address)?);
        Ok(Self {
            address,
            listens_at,
            tls,
            are_tables_there: AtomicBool::new(false),
            outage: tokio::sync::Mutex::new(None),
        })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// A new connection to a database whose tables are up to date.
    pub(super) async fn connect(&self) -> Result<Arc<Session>, Error> {
        let mut outage = self.outage.lock().await;
        if let Some(outage) = outage.as_ref().filter(|outage| Instant::now() < outage.over_at) {
            return Err(outage.error.repeated());
        }
        match self.connect_now().await {
            Ok(session) => {
                *outage = None;
                Ok(Arc::new(session))
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

    /// A connection that hears: its end, and the payloads. It ends with the payloads.
    pub(super) async fn listen(&self) -> Result<(Client, mpsc::Receiver<String>), Error> {
        // Sees to the tables and to pauses while there is no server.
        drop(self.connect().await?);
        let address = self.listens_at.as_ref().unwrap_or(&self.address);
        let connected = address.config.connect(self.tls.0.clone()).await;
        let (client, mut connection) = connected.map_err(failure::error)?;
        let (payloads, receiver) = mpsc::channel(256);
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(notification) = message
                    && payloads.send(notification.payload().to_owned()).await.is_err()
                {
                    return;
                }
            }
        });
        Ok((client, receiver))
    }

    async fn connect_now(&self) -> Result<Session, Error> {
        let connected = self.address.config.connect(self.tls.0.clone()).await;
        let (client, connection) = connected.map_err(failure::error)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
            }
        });
        let session = Session::new(client);
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

    pub(super) async fn session(&self) -> Result<Arc<Session>, Error> {
        if let Some(session) = self.usable() {
            return Ok(session);
        }
        let session = self.connector.connect().await?;
        let mut current = self.current();
        // Of several callers who connected at once, all use the first one's.
        if let Some(first) = current.as_ref().filter(|session| session.is_usable()) {
            return Ok(Arc::clone(first));
        }
        *current = Some(Arc::clone(&session));
        Ok(session)
    }

    fn usable(&self) -> Option<Arc<Session>> {
        self.current().as_ref().filter(|session| session.is_usable()).map(Arc::clone)
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<Session>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

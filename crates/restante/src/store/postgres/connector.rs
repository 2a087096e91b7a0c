//! Opening connections, again and again where that is needed.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Client};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::session::Session;
use super::{failure, schema, tls};
use crate::Error;
use crate::store::outage::Outages;

/// Opens connections to one database.
#[derive(Debug)]
pub(super) struct Connector {
    address: Address,
    /// Where hints are heard, if not there.
    listens_at: Option<Address>,
    tls: TlsConnector,
    are_tables_there: AtomicBool,
    outages: Outages,
}

struct TlsConnector(MakeRustlsConnect);

impl std::fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsConnector")
    }
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
            outages: Outages::default(),
        })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// A new connection to a database whose tables are up to date.
    pub(super) async fn connect(&self) -> Result<Arc<Session>, Error> {
        self.outages.attempt(self.connect_now()).await.map(Arc::new)
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

/// A connection to any database, by the same URLs, that looks at no tables of ours: for the server's
/// import. It ends with the client.
///
/// # Errors
/// `Invalid` for a URL that cannot be, else what the server or the way to it says.
#[doc(hidden)]
pub async fn plain_client(url: &str) -> Result<Client, Error> {
    let address = Address::parse(url)?;
    let connected = address.config.connect(tls::connect(&address)?).await;
    let (client, connection) = connected.map_err(failure::error)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "connection ended");
        }
    });
    Ok(client)
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

//! The conformance suite on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a harness that fails panics")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use restante::conformance::Harness;
use restante::store::OutboxRow;
use restante::{PostgresOptions, PostgresStore, Store, async_trait};
use restante_testkit::postgres::PostgresServer;
use tokio_postgres::NoTls;

/// A schema of its own for each store, on the server of this test program.
struct OnPostgres {
    server: &'static PostgresServer,
    url: Mutex<String>,
    part_size: AtomicUsize,
}

impl OnPostgres {
    fn new(server: &'static PostgresServer) -> Self {
        Self { server, url: Mutex::default(), part_size: AtomicUsize::new(0) }
    }

    async fn open(&self) -> PostgresStore {
        let part_size = self.part_size.load(Ordering::Relaxed);
        let url = self.url.lock().unwrap().clone();
        PostgresOptions::new().part_size(part_size).connect(&url).await.unwrap()
    }
}

#[async_trait]
impl Harness for OnPostgres {
    async fn store(&self, part_size: usize) -> Arc<dyn Store> {
        let server = self.server;
        let schema = tokio::task::spawn_blocking(|| server.schema()).await.unwrap();
        *self.url.lock().unwrap() = schema.unwrap();
        self.part_size.store(part_size, Ordering::Relaxed);
        Arc::new(self.open().await)
    }

    async fn second_handle(&self) -> Arc<dyn Store> {
        Arc::new(self.open().await)
    }

    fn model_share(&self) -> f64 {
        0.2
    }

    async fn leave(&self, row: OutboxRow) {
        let url = self.url.lock().unwrap().clone();
        let (outside, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let OutboxRow { recipient, message, level, tags, url, data, expires_at, key } = row;
        outside
            .execute(
                "INSERT INTO restante_outbox(recipient, message, level, tags, url, data,
                 expires_at, key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[&recipient, &message, &level, &tags, &url, &data, &expires_at, &key],
            )
            .await
            .unwrap();
        drop(outside);
        connection.await.unwrap().unwrap();
    }
}

restante::conformance_tests!(
    OnPostgres::new(PostgresServer::shared().unwrap()),
    skipped if PostgresServer::shared().is_none()
);

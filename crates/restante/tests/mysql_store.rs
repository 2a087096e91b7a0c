//! The conformance suite on MariaDB.

#![expect(clippy::unwrap_used, reason = "a harness that fails panics")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mysql_async::prelude::Queryable;
use restante::conformance::Harness;
use restante::store::OutboxRow;
use restante::{MysqlOptions, MysqlStore, Store, async_trait};
use restante_testkit::mariadb::MariadbServer;

/// A database of its own for each store, on the server of this test program.
struct OnMariadb {
    server: &'static MariadbServer,
    url: Mutex<String>,
    part_size: AtomicUsize,
}

impl OnMariadb {
    fn new(server: &'static MariadbServer) -> Self {
        Self { server, url: Mutex::default(), part_size: AtomicUsize::new(0) }
    }

    async fn open(&self) -> MysqlStore {
        let part_size = self.part_size.load(Ordering::Relaxed);
        let url = self.url.lock().unwrap().clone();
        MysqlOptions::new().part_size(part_size).connect(&url).await.unwrap()
    }
}

#[async_trait]
impl Harness for OnMariadb {
    async fn store(&self, part_size: usize) -> Arc<dyn Store> {
        let server = self.server;
        let database = tokio::task::spawn_blocking(|| server.database()).await.unwrap();
        *self.url.lock().unwrap() = database.unwrap();
        self.part_size.store(part_size, Ordering::Relaxed);
        Arc::new(self.open().await)
    }

    async fn second_handle(&self) -> Arc<dyn Store> {
        Arc::new(self.open().await)
    }

    fn model_share(&self) -> f64 {
        0.1
    }

    async fn leave(&self, row: OutboxRow) {
        let url = self.url.lock().unwrap().clone();
        let mut outside = mysql_async::Conn::from_url(url).await.unwrap();
        let OutboxRow { recipient, message, level, tags, url, data, expires_at, key } = row;
        let values = (recipient, message, level, tags, url, data, expires_at, key);
        outside
            .exec_drop(
                "INSERT INTO restante_outbox(recipient, message, level, tags, url, data,
                 expires_at, `key`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            .await
            .unwrap();
        outside.disconnect().await.unwrap();
    }
}

restante::conformance_tests!(
    OnMariadb::new(MariadbServer::shared().unwrap()),
    skipped if MariadbServer::shared().is_none()
);

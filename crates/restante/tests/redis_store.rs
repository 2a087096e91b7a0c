//! The conformance suite on Redis.

#![cfg(feature = "redis")]
#![expect(clippy::unwrap_used, reason = "a harness that fails panics")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use restante::conformance::Harness;
use restante::store::OutboxRow;
use restante::{RedisOptions, RedisStore, Store, async_trait};
use restante_testkit::redis::RedisServer;

/// Stores on one server, each with a prefix of its own.
struct OnRedis {
    server: &'static RedisServer,
    prefix: AtomicUsize,
    part_size: AtomicUsize,
}

static PREFIXES: AtomicUsize = AtomicUsize::new(0);

impl OnRedis {
    fn new() -> Self {
        let Some(server) = RedisServer::shared() else {
            // It has been said aloud that everything in here is skipped.
            std::process::exit(0)
        };
        Self { server, prefix: AtomicUsize::new(0), part_size: AtomicUsize::new(0) }
    }

    fn prefix(&self) -> String {
        format!("test{}", self.prefix.load(Ordering::Relaxed))
    }

    async fn open(&self) -> RedisStore {
        let part_size = self.part_size.load(Ordering::Relaxed);
        let options = RedisOptions::new().prefix(self.prefix()).part_size(part_size);
        options.connect(&self.server.url()).await.unwrap()
    }
}

#[async_trait]
impl Harness for OnRedis {
    async fn store(&self, part_size: usize) -> Arc<dyn Store> {
        self.prefix.store(PREFIXES.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        self.part_size.store(part_size, Ordering::Relaxed);
        Arc::new(self.open().await)
    }

    async fn second_handle(&self) -> Arc<dyn Store> {
        Arc::new(self.open().await)
    }

    async fn leave(&self, row: OutboxRow) {
        // Another program, as it were: it knows the list only.
        let row = serde_json::json!({
            "recipient": row.recipient, "message": row.message, "level": row.level,
            "tags": row.tags, "url": row.url, "data": row.data, "expires_at": row.expires_at,
            "key": row.key,
        });
        let client = redis::Client::open(self.server.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let outbox = format!("{}_outbox", self.prefix());
        let mut push = redis::cmd("RPUSH");
        push.arg(outbox).arg(row.to_string());
        push.exec_async(&mut connection).await.unwrap();
    }
}

restante::conformance_tests!(OnRedis::new());

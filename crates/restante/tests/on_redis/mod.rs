//! Stores on one server or cluster, each with a prefix of its own.

#![expect(clippy::unwrap_used, reason = "a harness that fails panics")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use restante::conformance::Harness;
use restante::store::OutboxRow;
use restante::{RedisOptions, RedisStore, Store, async_trait};
use tokio::sync::OnceCell;

static PREFIXES: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct OnRedis {
    url: String,
    prefix: AtomicUsize,
    part_size: AtomicUsize,
    /// Another program's connection, which knows the list only.
    outside: OnceCell<Outside>,
}

#[derive(Clone)]
enum Outside {
    One(redis::aio::MultiplexedConnection),
    Cluster(Box<redis::cluster_async::ClusterConnection>),
}

impl OnRedis {
    pub(crate) fn new(url: String) -> Self {
        let (prefix, part_size) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { url, prefix, part_size, outside: OnceCell::new() }
    }

    fn prefix(&self) -> String {
        format!("test{}", self.prefix.load(Ordering::Relaxed))
    }

    async fn open(&self) -> RedisStore {
        let part_size = self.part_size.load(Ordering::Relaxed);
        let options = RedisOptions::new().prefix(self.prefix()).part_size(part_size);
        options.connect(&self.url).await.unwrap()
    }

    async fn outside(&self) -> Outside {
        let connect = || async {
            let Some(nodes) = self.url.strip_prefix("redis+cluster://") else {
                let client = redis::Client::open(self.url.as_str()).unwrap();
                return Outside::One(client.get_multiplexed_async_connection().await.unwrap());
            };
            let nodes = nodes.split(',').map(|node| format!("redis://{node}"));
            let client = redis::cluster::ClusterClient::new(nodes).unwrap();
            Outside::Cluster(Box::new(client.get_async_connection().await.unwrap()))
        };
        self.outside.get_or_init(connect).await.clone()
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

    fn position_step(&self) -> i64 {
        // A cluster's shards take turns.
        if self.url.starts_with("redis+cluster://") { 130 } else { 2 }
    }

    fn model_share(&self) -> f64 {
        0.15
    }

    async fn leave(&self, row: OutboxRow) {
        let row = serde_json::json!({
            "recipient": row.recipient, "message": row.message, "level": row.level,
            "tags": row.tags, "url": row.url, "data": row.data, "expires_at": row.expires_at,
            "key": row.key,
        });
        let mut push = redis::cmd("RPUSH");
        push.arg(format!("{}_outbox", self.prefix())).arg(row.to_string());
        match self.outside().await {
            Outside::One(mut connection) => push.exec_async(&mut connection).await.unwrap(),
            Outside::Cluster(mut connection) => push.exec_async(&mut *connection).await.unwrap(),
        }
    }
}

//! Another program's way to Redis.

use std::collections::HashMap;

use super::Result;

/// Another program's way to Redis.
#[derive(Clone)]
pub enum RedisEnd {
    /// A connection to a server.
    One(Box<redis::aio::MultiplexedConnection>),
    /// One to each node of a cluster.
    Cluster(Box<redis::cluster_async::ClusterConnection>),
}

impl RedisEnd {
    pub(super) async fn connect(url: &str) -> Result<Self> {
        let Some(nodes) = url.strip_prefix("redis+cluster://") else {
            let client = redis::Client::open(url)?;
            return Ok(Self::One(Box::new(client.get_multiplexed_async_connection().await?)));
        };
        let nodes = nodes.split(',').map(|node| format!("redis://{node}"));
        let client = redis::cluster::ClusterClient::new(nodes)?;
        Ok(Self::Cluster(Box::new(client.get_async_connection().await?)))
    }

    pub(super) fn query<T: redis::FromRedisValue>(
        &self,
        command: &redis::Cmd,
    ) -> impl Future<Output = Result<T>> + use<T> {
        let (end, command) = (self.clone(), command.clone());
        async move {
            match end {
                Self::One(mut connection) => Ok(command.query_async(&mut *connection).await?),
                Self::Cluster(mut connection) => Ok(command.query_async(&mut *connection).await?),
            }
        }
    }

    /// Messages are the fields of one hash, their texts the ends of keys of their own.
    pub(super) async fn texts(self) -> Result<HashMap<String, i64>> {
        let mut keys = redis::cmd("HKEYS");
        keys.arg("{restante_outbox}M");
        let ids: Vec<String> = self.query(&keys).await?;
        let mut texts = HashMap::new();
        for some in ids.chunks(500) {
            let mut bodies = redis::cmd("MGET");
            for id in some {
                bodies.arg(format!("{{restante_outbox}}m:{id}"));
            }
            let bodies: Vec<String> = self.query(&bodies).await?;
            for body in bodies {
                let text = body.rsplit('\u{1f}').next().unwrap_or_default();
                *texts.entry(text.to_owned()).or_default() += 1;
            }
        }
        Ok(texts)
    }
}

impl std::fmt::Debug for RedisEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisEnd")
    }
}

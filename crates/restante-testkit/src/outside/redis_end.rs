//! Another program's way to Redis.

use std::collections::HashMap;

use redis::cluster_routing::{MultipleNodeRoutingInfo, ResponsePolicy, RoutingInfo};

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

    /// Messages are the fields of one hash a shard, their texts the ends of keys of their own. What a
    /// shard was handed over is not counted: its message is in another.
    pub(super) async fn texts(self) -> Result<HashMap<String, i64>> {
        let mut texts = HashMap::new();
        for hash in self.hashes().await? {
            let mut all = redis::cmd("HGETALL");
            all.arg(&hash);
            let messages: HashMap<String, String> = self.query(&all).await?;
            let is_sent = |record: &str| record.split('|').nth(3) != Some("c");
            let sent = messages.iter().filter(|(_, record)| is_sent(record));
            let ids: Vec<_> = sent.map(|(id, _)| id).collect();
            for some in ids.chunks(500) {
                let mut bodies = redis::cmd("MGET");
                for id in some {
                    bodies.arg(format!("{}m:{id}", hash.trim_end_matches('M')));
                }
                let bodies: Vec<String> = self.query(&bodies).await?;
                for body in bodies {
                    let text = body.rsplit('\u{1f}').next().unwrap_or_default();
                    *texts.entry(text.to_owned()).or_default() += 1;
                }
            }
        }
        Ok(texts)
    }

    /// The hash of messages of each shard that has any.
    async fn hashes(&self) -> Result<Vec<String>> {
        let mut keys = redis::cmd("KEYS");
        keys.arg("{restante*}M");
        match self.clone() {
            Self::One(_) => self.query(&keys).await,
            Self::Cluster(mut connection) => {
                let masters = MultipleNodeRoutingInfo::AllMasters;
                let all = RoutingInfo::MultiNode((masters, Some(ResponsePolicy::CombineArrays)));
                let found = connection.route_command(keys, all).await?;
                Ok(redis::from_redis_value(found)?)
            }
        }
    }
}

impl std::fmt::Debug for RedisEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisEnd")
    }
}

//! The conformance suite on a Redis Cluster.

mod on_redis;

use on_redis::OnRedis;
use restante_testkit::redis_cluster::RedisCluster;

restante::conformance_tests!(
    OnRedis::new(RedisCluster::shared().unwrap().url()),
    skipped if RedisCluster::shared().is_none()
);

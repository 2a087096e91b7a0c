//! The conformance suite on a Redis Cluster.

mod on_redis;

use on_redis::OnRedis;
use restante_testkit::redis_cluster::RedisCluster;

fn harness() -> OnRedis {
    let Some(cluster) = RedisCluster::shared() else {
        // It has been said aloud that everything in here is skipped.
        std::process::exit(0)
    };
    OnRedis::new(cluster.url())
}

restante::conformance_tests!(harness());

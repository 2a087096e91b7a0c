//! The conformance suite on Redis.

mod on_redis;

use on_redis::OnRedis;
use restante_testkit::redis::RedisServer;

restante::conformance_tests!(
    OnRedis::new(RedisServer::shared().unwrap().url()),
    skipped if RedisServer::shared().is_none()
);

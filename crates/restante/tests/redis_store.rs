//! The conformance suite on Redis.

mod on_redis;

use on_redis::OnRedis;
use restante_testkit::redis::RedisServer;

fn harness() -> OnRedis {
    let Some(server) = RedisServer::shared() else {
        // It has been said aloud that everything in here is skipped.
        std::process::exit(0)
    };
    OnRedis::new(server.url())
}

restante::conformance_tests!(harness());

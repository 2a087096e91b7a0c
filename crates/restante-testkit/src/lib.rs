//! Processes and machines that fail on purpose, for the tests of Restante.
//!
//! `child` is a process that works until it is killed and tells what was acknowledged (its program is
//! `src/bin/victim.rs`), `aftermath` what has to be there afterwards, `outside` another program on the
//! same database. `postgres`, `mariadb`, `redis` and `redis_cluster` are real servers on private ports
//! (`guardian` ends them with their test), `pgbouncer` a pooler in front of one, `certificates` what a
//! server needs for TLS, `small_disk` a file system that is easily full, `django` where the real Django
//! is. What is shown with them is in `tests/`.

pub mod aftermath;
pub mod certificates;
pub mod child;
pub mod django;
mod guardian;
pub mod mariadb;
pub mod outside;
pub mod pgbouncer;
pub mod postgres;
pub mod redis;
pub mod redis_cluster;
pub mod small_disk;

/// How many times longer than in CI the long tests run: `RESTANTE_TEST_SCALE`, 1 by default.
pub fn scale() -> u32 {
    std::env::var("RESTANTE_TEST_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

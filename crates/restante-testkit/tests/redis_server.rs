//! The servers that other tests rely on.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use restante_testkit::redis::{RedisServer, or_skipped};
use restante_testkit::redis_cluster::RedisCluster;

#[test]
fn what_was_written_survives_a_kill() {
    let Some(server) = or_skipped(RedisServer::start()) else { return };
    server.cli(&["SET", "kept", "7"]).unwrap();
    server.kill().unwrap();
    assert!(server.cli(&["PING"]).is_err());
    server.restart().unwrap();
    assert_eq!(server.cli(&["GET", "kept"]).unwrap(), "7");
    server.freeze().unwrap();
    server.thaw().unwrap();
    assert_eq!(server.cli(&["GET", "kept"]).unwrap(), "7");
    let folder = server.folder().to_owned();
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn a_replica_takes_over_from_a_killed_master() {
    let Some(cluster) = or_skipped(RedisCluster::start()) else { return };
    assert_eq!(cluster.masters().unwrap().len(), 3);
    let write = |text| cluster.nodes()[5].cli(&["-c", "SET", "key", text]);
    assert_eq!(write("before").unwrap(), "OK");
    cluster.kill_master_of("key").unwrap();
    let began = Instant::now();
    while write("after").is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "nobody takes over");
        std::thread::sleep(Duration::from_millis(50));
    }
}

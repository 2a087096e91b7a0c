//! A cluster's master killed under load: its replica takes over.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod load;

use std::time::{Duration, Instant};

use load::{Found, Load, RECOVERY};
use restante::RedisOptions;
use restante_testkit::redis::or_skipped;
use restante_testkit::redis_cluster::RedisCluster;
use restante_testkit::scale;
use tokio::task::block_in_place;

/// A key of the shard that the load works on.
const KEY: &str = "restante_outbox";

/// What is lost is what the master had acknowledged and not yet handed on: nothing, where every write
/// waits for the replica.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_takes_over_from_a_killed_master() {
    for _ in 0..scale() {
        let Some(found) = kill_a_master(0).await else { return };
        println!("without waiting for the replica: {found:?}");
        assert_eq!(found.twice, 0, "{found:?}");
        assert!(found.lost * 100 < found.acknowledged, "more than the last moment: {found:?}");
        let Some(found) = kill_a_master(1).await else { return };
        println!("waiting for the replica: {found:?}");
        assert_eq!((found.lost, found.twice), (0, 0), "{found:?}");
    }
}

async fn kill_a_master(replicas: u32) -> Option<Found> {
    let cluster = or_skipped(block_in_place(RedisCluster::start))?;
    let options = RedisOptions::new().replicas(replicas).timeout(Duration::from_secs(2));
    let load = Load::start(options.connect(&cluster.url()).await.unwrap());
    load.works_again().await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let master = block_in_place(|| cluster.kill_master_of(KEY)).unwrap();
    let killed = Instant::now();
    block_in_place(|| while !has_taken_over(&cluster) {});
    let taken_over = killed.elapsed();
    if replicas > 0 {
        // It is nobody's master any more, so that nobody waits for a replica in vain.
        block_in_place(|| master.restart()).unwrap();
        block_in_place(|| cluster.wait_until_whole()).unwrap();
    }
    let recovered = load.works_again().await;
    println!("a replica took over after {taken_over:?}; works again after {recovered:?}");
    assert!(recovered < RECOVERY);
    tokio::time::sleep(Duration::from_millis(500)).await;
    Some(load.finish(&cluster.url()).await)
}

fn has_taken_over(cluster: &RedisCluster) -> bool {
    std::thread::sleep(Duration::from_millis(20));
    let answers = |node: &restante_testkit::redis::RedisServer| {
        node.cli(&["EXISTS", KEY]).is_ok_and(|answer| answer == "0" || answer == "1")
    };
    cluster.masters().is_ok_and(|masters| masters.into_iter().any(answers))
}

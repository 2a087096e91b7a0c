//! Several processes on one Redis Cluster, killed; and its nodes killed and frozen under them.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod load;
mod together;

use std::time::{Duration, Instant};

use load::{Found, Load, RECOVERY};
use restante::{Filter, Message, RedisOptions, RedisStore, Restante};
use restante_testkit::redis::{RedisServer, or_skipped};
use restante_testkit::redis_cluster::RedisCluster;
use restante_testkit::scale;
use tokio::task::block_in_place;

/// A key of the shard in which lists are recorded.
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
    let load = load_on(&cluster, replicas).await;
    let failures = load.failures();
    let master = block_in_place(|| cluster.kill_master_of(KEY)).unwrap();
    let killed = Instant::now();
    block_in_place(|| has_taken_over(&cluster, master));
    let taken_over = killed.elapsed();
    if replicas > 0 {
        // It is nobody's master any more, so that nobody waits for a replica in vain.
        block_in_place(|| master.restart()).unwrap();
        block_in_place(|| cluster.wait_until_whole()).unwrap();
    }
    let recovered = load.works_again().await;
    println!("a replica took over after {taken_over:?}; works again after {recovered:?}");
    assert!(recovered < RECOVERY);
    assert!(load.failures() > failures, "nobody noticed");
    tokio::time::sleep(Duration::from_millis(500)).await;
    Some(load.finish(&cluster.url()).await)
}

/// A master that stands still is told of by errors until its replica takes over; when it goes on, it
/// is nobody's master.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_takes_over_from_a_frozen_master() {
    for _ in 0..scale() {
        let Some(cluster) = or_skipped(block_in_place(RedisCluster::start)) else { return };
        let load = load_on(&cluster, 0).await;
        let failures = load.failures();
        let master = block_in_place(|| cluster.master_of(KEY)).unwrap();
        master.freeze().unwrap();
        let frozen = Instant::now();
        block_in_place(|| has_taken_over(&cluster, master));
        let taken_over = frozen.elapsed();
        let recovered = load.works_again().await;
        println!("a replica took over after {taken_over:?}; works again after {recovered:?}");
        assert!(recovered < RECOVERY);
        assert!(load.failures() > failures, "nobody noticed");
        tokio::time::sleep(Duration::from_millis(500)).await;
        master.thaw().unwrap();
        block_in_place(|| cluster.wait_until_whole()).unwrap();
        assert!(load.works_again().await < RECOVERY);
        let found = load.finish(&cluster.url()).await;
        assert_eq!(found.twice, 0, "{found:?}");
        assert!(found.lost * 100 < found.acknowledged, "more than the last moment: {found:?}");
    }
}

async fn load_on(cluster: &RedisCluster, replicas: u32) -> Load {
    let options = RedisOptions::new().replicas(replicas).timeout(Duration::from_secs(1));
    let load = Load::start(options.connect(&cluster.url()).await.unwrap());
    load.works_again().await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    load
}

/// Waits until another master answers for the key.
fn has_taken_over(cluster: &RedisCluster, master: &RedisServer) {
    let answers = |node: &&RedisServer| {
        node.port() != master.port()
            && node.cli(&["EXISTS", KEY]).is_ok_and(|answer| answer == "0" || answer == "1")
            && node.cli(&["ROLE"]).is_ok_and(|role| role.starts_with("master"))
    };
    while !cluster.nodes().iter().any(|node| answers(&node)) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A list for users of several masters is recorded while one of them stands still, and arrives there
/// when it goes on; who is on another has it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_waits_for_a_master_that_stands_still() {
    let Some(cluster) = or_skipped(block_in_place(RedisCluster::start)) else { return };
    let options = RedisOptions::new().timeout(Duration::from_millis(300));
    let restante = Restante::new(options.connect(&cluster.url()).await.unwrap());
    let restante = restante.without_background();
    let users: Vec<_> = (0..30).map(|n| format!("user-{n}")).collect();
    restante.send(Message::info("before"), &users).await.unwrap();
    let first = block_in_place(|| cluster.master_of(KEY)).unwrap();
    let masters = block_in_place(|| cluster.masters()).unwrap();
    let other = masters.into_iter().find(|one| one.port() != first.port()).unwrap();
    let paused = Duration::from_millis(800);
    other.cli(&["CLIENT", "PAUSE", &paused.as_millis().to_string(), "ALL"]).unwrap();
    let sent = restante.send(Message::info("late"), &users).await.unwrap();
    assert_eq!(sent.waiting, 30, "it was not paused");
    tokio::time::sleep(paused).await;
    restante.deliver_waiting(|_| {}).await.unwrap();
    for user in &users {
        let inbox = restante.inbox(user.as_str()).unwrap();
        let page = inbox.list(Filter::unread()).await.unwrap();
        let texts: Vec<_> = page.items.iter().map(|item| item.message.text()).collect();
        assert_eq!(texts, ["late", "before"], "{user}");
    }
    assert_eq!(restante.receipts(sent.id).await.unwrap().delivered, Some(30));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_sigkill_of_one_of_two() {
    let Some(cluster) = or_skipped(block_in_place(RedisCluster::start)) else { return };
    together::nothing_acknowledged_is_lost(&cluster.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_relayed_and_followed_when_processes_are_killed() {
    let Some(cluster) = or_skipped(block_in_place(RedisCluster::start)) else { return };
    together::followers_skip_nothing(&cluster.url()).await;
    together::the_outbox_is_relayed_once_and_in_order(&cluster.url()).await;
}

/// The store is there before its cluster, and works once that is; scripts are loaded again.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_may_start_without_its_cluster() {
    let Some(cluster) = or_skipped(block_in_place(RedisCluster::start)) else { return };
    for node in cluster.nodes() {
        block_in_place(|| node.kill()).unwrap();
    }
    let options = RedisOptions::new().timeout(Duration::from_secs(1));
    let restante = Restante::new(options.connect(&cluster.url()).await.unwrap());
    let error = restante.send(Message::info("early"), "alice").await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    for node in cluster.nodes() {
        block_in_place(|| node.restart()).unwrap();
    }
    block_in_place(|| cluster.wait_until_whole()).unwrap();
    let began = Instant::now();
    while restante.send(Message::info("late"), "alice").await.is_err() {
        assert!(began.elapsed() < RECOVERY);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for node in cluster.nodes() {
        node.cli(&["SCRIPT", "FLUSH"]).unwrap();
    }
    restante.send(Message::info("later"), "alice").await.unwrap();
    assert_eq!(restante.inbox("alice").unwrap().count().await.unwrap().unread, 2);
    let second = Restante::new(RedisStore::connect(&cluster.url()).await.unwrap());
    assert_eq!(second.inbox("alice").unwrap().count().await.unwrap().unread, 2);
}

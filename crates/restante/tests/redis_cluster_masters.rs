//! How the masters of a cluster share the work.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

use std::collections::BTreeSet;

use restante::{Filter, Message, RedisOptions, Restante, To};
use restante_testkit::redis::RedisServer;
use restante_testkit::redis_cluster::RedisCluster;

const PREFIX: &str = "masters";

async fn service(cluster: &RedisCluster) -> Restante {
    let options = RedisOptions::new().prefix(PREFIX);
    Restante::new(options.connect(&cluster.url()).await.unwrap()).without_background()
}

/// The keys of the store on a node whose names end so.
fn keys(node: &RedisServer, end: &str) -> Vec<String> {
    let found = node.cli(&["KEYS", &format!("{{{PREFIX}*}}{end}")]).unwrap();
    found.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// How many commands a node has done for clients.
fn commands(node: &RedisServer) -> u64 {
    let stats = node.cli(&["INFO", "stats"]).unwrap();
    let line = stats.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
    line.unwrap().trim().parse().unwrap()
}

/// Each master has its share of the users, and all of a user in one slot; reading an inbox with
/// messages to everyone asks its own master and no other.
#[tokio::test(flavor = "multi_thread")]
async fn share_users_and_their_pages() {
    let Some(cluster) = RedisCluster::shared() else { return };
    let restante = service(cluster).await;
    let users: Vec<String> = (0..300).map(|n| format!("user-{n}")).collect();
    for user in &users {
        restante.send(Message::info("Ahoy"), user.as_str()).await.unwrap();
    }
    restante.send(Message::info("to many"), &users).await.unwrap();
    restante.send(Message::info("to all"), To::everyone()).await.unwrap();
    for user in &users {
        let inbox = restante.inbox(user.as_str()).unwrap();
        let item = inbox.list(Filter::unread()).await.unwrap().items.remove(1);
        inbox.mark_read(item.id).await.unwrap();
    }

    let masters = cluster.masters().unwrap();
    assert_eq!(masters.len(), 3);
    let mut slots = BTreeSet::new();
    for master in &masters {
        let here = keys(master, "n:user-*");
        assert!((60..=140).contains(&here.len()), "{} of 300", here.len());
        for key in here {
            let user = key.rsplit(':').next().unwrap();
            let all = keys(master, &format!("*:{user}"));
            assert!(all.len() >= 4, "{all:?}");
            let slot = |key: &String| master.cli(&["CLUSTER", "KEYSLOT", key]).unwrap();
            let own: BTreeSet<_> = all.iter().map(slot).collect();
            assert_eq!(own.len(), 1, "{all:?}");
            slots.extend(own);
        }
    }
    assert!(slots.len() > 55, "{} slots", slots.len());

    // What this process knows already it does not ask for again.
    let first = cluster.master_of(&format!("{PREFIX}_outbox")).unwrap();
    let elsewhere: Vec<_> = masters.iter().filter(|one| one.port() != first.port()).collect();
    let others: Vec<_> = elsewhere.iter().flat_map(|master| keys(master, "n:user-*")).collect();
    let (before, before_there) = (commands(first), commands(elsewhere[0]));
    for key in &others {
        let inbox = restante.inbox(key.rsplit(':').next().unwrap()).unwrap();
        assert_eq!(inbox.list(Filter::unread()).await.unwrap().unread, 2);
    }
    let there = commands(elsewhere[0]) - before_there;
    assert!(there > 100, "{there} commands");
    // Its replica and the tests beside this one say something now and then.
    let here = commands(first) - before;
    assert!(here < 50, "{here} commands for the pages of other masters");
}

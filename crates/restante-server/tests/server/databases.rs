//! Servers of the store's own: several of ours on one, and ours without it.

use std::time::{Duration, Instant};

use restante_testkit::mariadb::MariadbServer;
use restante_testkit::postgres::{PostgresServer, or_skipped};
use restante_testkit::redis::RedisServer;
use restante_testkit::redis_cluster::RedisCluster;

use crate::sandbox::Sandbox;

/// How soon after its store's return a server has to serve: 5 s, on a machine that has nothing else
/// to do. Here many servers start at once.
const RECOVERY: Duration = Duration::from_secs(15);
/// How long this waits for what takes no time there.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn two_servers_and_the_command_line_share_a_postgresql() {
    if let Some(postgres) = PostgresServer::shared() {
        two_servers_and_the_command_line_share(&postgres.schema().unwrap());
    }
}

#[test]
fn two_servers_and_the_command_line_share_a_mariadb() {
    if let Some(mariadb) = MariadbServer::shared() {
        two_servers_and_the_command_line_share(&mariadb.database().unwrap());
    }
}

#[test]
fn two_servers_and_the_command_line_share_a_redis() {
    if let Some(redis) = or_skipped(RedisServer::start_fast()) {
        two_servers_and_the_command_line_share(&redis.url());
    }
}

#[test]
fn two_servers_and_the_command_line_share_a_cluster() {
    if let Some(cluster) = RedisCluster::shared() {
        two_servers_and_the_command_line_share(&cluster.url());
    }
}

fn two_servers_and_the_command_line_share(url: &str) {
    let sandbox = Sandbox::new();
    let database = ["--database", url];
    let key = sandbox
        .json(&[&["key", "create", "--name", "a", "--scope", "admin"], &database[..]].concat());
    let bearer = format!("Bearer {}", key["key"].as_str().unwrap());
    let servers = [sandbox.serve(&database), sandbox.serve(&database)];
    sandbox.ok(&[&["send", "--to", "alice", "Ahoy there"], &database[..]].concat());
    let headers = [("authorization", bearer.as_str())];
    for server in &servers {
        let sent = server.get("/v1/messages", &headers);
        assert!(sent.body.contains("Ahoy there"), "{sent:?}");
        assert_eq!(server.get("/readyz", &[]).body, "ready\n");
    }
    // A token, and a ticket, of one server is known to the other.
    let token = servers[0].post("/v1/users/alice/tokens", &headers, "");
    let token: serde_json::Value = serde_json::from_str(&token.body).unwrap();
    let token = format!("Bearer {}", token["token"].as_str().unwrap());
    let inbox = servers[1].get("/v1/inbox", &[("authorization", &token)]);
    assert!(inbox.body.contains("\"unread\":1"), "{inbox:?}");
    let ticket = servers[0].post("/v1/users/alice/tickets", &headers, "");
    let ticket: serde_json::Value = serde_json::from_str(&ticket.body).unwrap();
    let link = format!("/login?ticket={}", ticket["ticket"].as_str().unwrap());
    assert_eq!(servers[1].get(&link, &[]).status, 303);
    assert_eq!(servers[0].get(&link, &[]).status, 401, "it is used up everywhere");
}

#[test]
fn a_server_starts_without_its_postgresql() {
    if let Some(postgres) = or_skipped(PostgresServer::start()) {
        let url = postgres.database().unwrap();
        starts_without(&url, || postgres.kill().unwrap(), || postgres.restart().unwrap());
    }
}

#[test]
fn a_server_starts_without_its_mariadb() {
    if let Some(mariadb) = or_skipped(MariadbServer::start()) {
        let url = mariadb.database().unwrap();
        starts_without(&url, || mariadb.kill().unwrap(), || mariadb.restart().unwrap());
    }
}

#[test]
fn a_server_starts_without_its_redis() {
    if let Some(redis) = or_skipped(RedisServer::start()) {
        let url = redis.url();
        starts_without(&url, || redis.kill().unwrap(), || redis.restart().unwrap());
    }
}

/// Starts a server whose store is away, lets that come, go and come again. The store has to be one
/// that keeps what it acknowledged: one that does not may forget its tables.
fn starts_without(url: &str, leave: impl Fn(), come: impl Fn()) {
    leave();
    let sandbox = Sandbox::new();
    let server = sandbox.serve_before_its_store(&["--database", url]);
    until("it listens", PATIENCE, || server.listens());
    for _ in 0..2 {
        assert_eq!(server.get("/healthz", &[]).status, 200);
        until("it says that it is not ready", PATIENCE, || {
            server.get("/readyz", &[]).status == 503
        });
        come();
        until("it is ready again", RECOVERY, || server.get("/readyz", &[]).status == 200);
        assert_eq!(server.get("/v1/inbox", &[]).status, 401, "it serves");
        sandbox.ok(&["send", "--to", "alice", "Ahoy there", "--database", url]);
        leave();
    }
    come();
    assert!(server.stop(), "it ends as it should");
}

#[test]
fn a_server_that_waits_for_its_store_says_so_and_can_be_stopped() {
    let sandbox = Sandbox::new();
    let nowhere = "postgres://app:hidden-word@127.0.0.1:1/none";
    let server = sandbox.serve_before_its_store(&["--database", nowhere]);
    until("it listens", PATIENCE, || server.listens());
    let refused = server.get("/v1/inbox", &[]);
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("connection"), "close", "the next one meets the whole server");
    assert!(server.stop(), "it ends as it should");
}

fn until(what: &str, patience: Duration, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < patience, "within {patience:?} {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_database_that_is_not_there_is_told_without_its_password() {
    let sandbox = Sandbox::new();
    let url = "postgres://app:hidden-word@127.0.0.1:1/none";
    let (code, told) = sandbox.refused(&["sent", "--database", url]);
    assert_eq!(code, 1, "{told}");
    assert!(!told.contains("hidden-word") && told.lines().count() == 1, "{told}");
}

//! The commands of `docs/stores.md` that back a store up, as they stand there.

use std::path::Path;
use std::process::Command;

use restante_testkit::mariadb::MariadbServer;
use restante_testkit::postgres::{PostgresServer, or_skipped};
use restante_testkit::redis::RedisServer;
use restante_testkit::redis_cluster::RedisCluster;

use crate::sandbox::Sandbox;

const DOCUMENT: &str = include_str!("../../../../docs/stores.md");

#[test]
fn a_copy_of_a_file_is_a_database() {
    let sandbox = Sandbox::new();
    let (from, to) = ("sqlite:from.db", "sqlite:to.db");
    backed_up(&sandbox, from, to, || {
        let (file, copy) = (sandbox.path("from.db"), sandbox.path("to.db"));
        run("SQLite", &[("FILE", path(&file)), ("COPY", path(&copy))]);
    });
}

#[test]
fn a_postgresql_is_dumped_and_read_back() {
    let Some(postgres) = PostgresServer::shared() else { return };
    let (from, to) = (postgres.database().unwrap(), postgres.database().unwrap());
    // Debian keeps the programs of each version in a folder of its own.
    let programs = postgres.program("");
    let search = format!("{}:{}", path(&programs), std::env::var("PATH").unwrap());
    backed_up(&Sandbox::new(), &from, &to, || {
        run("PostgreSQL", &[("FROM", &from), ("TO", &to), ("PATH", &search)]);
    });
}

#[test]
fn a_mariadb_is_dumped_and_read_back() {
    let Some(mariadb) = MariadbServer::shared() else { return };
    let (from, to) = (mariadb.database().unwrap(), mariadb.database().unwrap());
    let name = |url: &str| url.rsplit('/').next().unwrap().to_owned();
    let port = mariadb.port().to_string();
    // Who it is, which the document leaves to the reader.
    let home = Sandbox::new();
    std::fs::write(home.path(".my.cnf"), "[client]\nuser=tester\npassword=s3cret\n").unwrap();
    backed_up(&Sandbox::new(), &from, &to, || {
        run(
            "MySQL and MariaDB",
            &[
                ("FROM", &name(&from)),
                ("TO", &name(&to)),
                ("HOST", "127.0.0.1"),
                ("PORT", &port),
                ("HOME", path(&home.path(""))),
            ],
        );
    });
}

#[test]
fn a_redis_is_copied_and_the_copy_started() {
    let (Some(from), Some(to)) =
        (or_skipped(RedisServer::start()), or_skipped(RedisServer::start_fast()))
    else {
        return;
    };
    let sandbox = Sandbox::new();
    backed_up(&sandbox, &from.url(), &to.url(), || {
        let copy = sandbox.path("copy.rdb");
        run("Redis and Valkey", &[("FROM", &from.url()), ("COPY", path(&copy))]);
        to.kill().unwrap();
        std::fs::copy(copy, to.folder().join("dump.rdb")).unwrap();
        to.restart().unwrap();
        to.cli(&["CONFIG", "SET", "appendonly", "yes"]).unwrap();
    });
}

#[test]
fn the_masters_of_a_cluster_are_copied_and_the_copies_started() {
    let (Some(from), Some(to)) =
        (or_skipped(RedisCluster::start()), or_skipped(RedisCluster::start_fast()))
    else {
        return;
    };
    let sandbox = Sandbox::new();
    let copies = sandbox.path("copies");
    std::fs::create_dir(&copies).unwrap();
    backed_up(&sandbox, &from.url(), &to.url(), || {
        let masters = from.masters().unwrap();
        let addresses = masters.iter().map(|one| format!("127.0.0.1:{}", one.port()));
        let addresses = addresses.collect::<Vec<_>>().join(" ");
        run("Redis Cluster", &[("MASTERS", &addresses), ("COPIES", path(&copies))]);
        let new = to.masters().unwrap();
        // Nobody is to take over meanwhile.
        let is_new_master = |node: &RedisServer| new.iter().any(|one| one.port() == node.port());
        for node in to.nodes().iter().filter(|node| !is_new_master(node)) {
            node.kill().unwrap();
        }
        for old in masters {
            let same = |one: &&&RedisServer| slots(one) == slots(old);
            let master = new.iter().find(same).unwrap();
            master.kill().unwrap();
            let copy = copies.join(format!("127.0.0.1:{}.rdb", old.port()));
            std::fs::copy(copy, master.folder().join("dump.rdb")).unwrap();
            master.restart().unwrap();
            master.cli(&["CONFIG", "SET", "appendonly", "yes"]).unwrap();
        }
        to.wait_until_whole().unwrap();
    });
}

/// The slots that a master has.
fn slots(master: &RedisServer) -> String {
    let nodes = master.cli(&["CLUSTER", "NODES"]).unwrap();
    let own = nodes.lines().find(|line| line.contains("myself")).unwrap();
    own.split(' ').skip(8).collect::<Vec<_>>().join(" ")
}

/// Fills a store, has it copied while a server runs on it, and looks whether the copy is as the
/// original was, and goes on by itself.
fn backed_up(sandbox: &Sandbox, from: &str, to: &str, copy: impl FnOnce()) {
    let server = sandbox.serve(&["--database", from]);
    let send = |database: &str, whom: &[&str], text: &str| {
        sandbox.ok(&[&["send", text, "--database", database], whom].concat());
    };
    send(from, &["--to", "alice", "--key", "one"], "Ahoy there");
    send(from, &["--everyone"], "Réunion 🎉 at ten");
    send(from, &["--to", "alice", "--to", "Alice"], "Two of them");
    sandbox.ok(&["read", "alice", "--all", "--database", from]);
    send(from, &["--to", "alice", "--tag", "later"], "After the mark");
    let look = |database: &str| {
        ["alice", "Alice", "nobody"].map(|user| {
            sandbox.json(&["inbox", user, "--archive", "--database", database]).to_string()
        })
    };
    let before = look(from);
    assert!(before[0].contains("Ahoy there") && before[2].contains("🎉"), "{before:?}");
    copy();
    // The copy is of that moment.
    send(from, &["--to", "alice"], "Too late for the copy");
    assert_eq!(look(to), before);
    // Known keys are known there too, and positions go on.
    send(to, &["--to", "alice", "--key", "one"], "Ahoy there");
    assert_eq!(look(to), before);
    send(to, &["--to", "alice"], "Here as well");
    let inbox = sandbox.json(&["inbox", "alice", "--database", to]);
    assert_eq!(inbox["items"][0]["message"], "Here as well", "{inbox}");
    assert_eq!(inbox["unread"], 2, "{inbox}");
    drop(server);
}

/// Runs the first block of commands below a heading, with these variables.
fn run(heading: &str, variables: &[(&str, &str)]) {
    let (_, below) = DOCUMENT.split_once(&format!("\n### {heading}\n")).unwrap();
    let (_, block) = below.split_once("```sh\n").unwrap();
    let (commands, _) = block.split_once("\n```").unwrap();
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", commands])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{commands}\n{output:?}");
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

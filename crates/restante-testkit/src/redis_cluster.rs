//! A real Redis Cluster of this process's own: three masters, each with a replica.

use std::io;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::guardian::free_port;
use crate::redis::{RedisServer, or_skipped, program};

/// How long the nodes may take to agree.
const PATIENCE: Duration = Duration::from_secs(60);
/// Masters; as many replicas come with them.
const MASTERS: usize = 3;

/// Six servers that are one cluster. They end with this process at the latest.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts a cluster whose nodes keep what they acknowledged through a loss of power and notice
    /// within about a second that one of them is gone.
    ///
    /// # Errors
    /// When neither Redis nor Valkey is installed, or the nodes do not agree; the text says why.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&["--appendonly yes", "--appendfsync always"])
    }

    /// Starts a cluster that keeps nothing, for tests that kill no node.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_fast() -> io::Result<Self> {
        Self::start_with(&["--appendonly no"])
    }

    fn start_with(settings: &[&str]) -> io::Result<Self> {
        let mut nodes = Vec::new();
        for _ in 0..2 * MASTERS {
            // The default is the port + 10000, which may be no port at all.
            let bus = format!("--cluster-port {}", free_port()?);
            let mut own = vec![
                "--cluster-enabled yes",
                "--cluster-node-timeout 1000",
                "--repl-diskless-sync-delay 0",
                "--repl-diskless-load on-empty-db",
                &bus,
            ];
            own.extend(settings);
            nodes.push(RedisServer::start_with(&own)?);
        }
        let cluster = Self { nodes };
        let addresses = cluster.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()));
        let created = Command::new(program("redis-cli", "valkey-cli")?)
            .args(["--cluster", "create"])
            .args(addresses)
            .args(["--cluster-replicas", "1", "--cluster-yes"])
            .output()?;
        if !created.status.success() {
            let text = String::from_utf8_lossy(&created.stdout);
            return Err(io::Error::other(format!("the cluster was not made:\n{text}")));
        }
        cluster.wait_until_whole()?;
        Ok(cluster)
    }

    /// The one cluster of this test program, which keeps nothing; `None` when there is no Redis,
    /// which is said aloud.
    ///
    /// # Panics
    /// When it is missing and `CI=true`: there nothing is skipped.
    pub fn shared() -> Option<&'static Self> {
        static CLUSTER: OnceLock<Option<RedisCluster>> = OnceLock::new();
        CLUSTER.get_or_init(|| or_skipped(Self::start_fast())).as_ref()
    }

    /// Its URL, with two nodes to ask for the others.
    pub fn url(&self) -> String {
        let [first, .., last] = &self.nodes[..] else { return String::new() };
        format!("redis+cluster://127.0.0.1:{},127.0.0.1:{}", first.port(), last.port())
    }

    /// Its nodes.
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// The nodes that are masters now.
    ///
    /// # Errors
    /// When no node answers.
    pub fn masters(&self) -> io::Result<Vec<&RedisServer>> {
        let is_master =
            |node: &&RedisServer| node.cli(&["ROLE"]).is_ok_and(|role| role.starts_with("master"));
        let masters: Vec<_> = self.nodes.iter().filter(is_master).collect();
        if masters.is_empty() { Err(io::Error::other("no node answers")) } else { Ok(masters) }
    }

    /// The master that has the slot of this key.
    ///
    /// # Errors
    /// When there is none.
    pub fn master_of(&self, key: &str) -> io::Result<&RedisServer> {
        let has_key = |node: &&RedisServer| {
            node.cli(&["EXISTS", key]).is_ok_and(|answer| answer == "0" || answer == "1")
        };
        let master = self.masters()?.into_iter().find(has_key);
        master.ok_or_else(|| io::Error::other("no master has this key"))
    }

    /// Kills the master that has the slot of this key, with SIGKILL, and gives it.
    ///
    /// # Errors
    /// When there is none.
    pub fn kill_master_of(&self, key: &str) -> io::Result<&RedisServer> {
        let master = self.master_of(key)?;
        master.kill()?;
        Ok(master)
    }

    /// Waits until every node that runs sees all slots served and every replica is in step.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_until_whole(&self) -> io::Result<()> {
        let began = Instant::now();
        let agrees = |node: &RedisServer| {
            let info = node.cli(&["CLUSTER", "INFO"]).unwrap_or_default();
            let replication = node.cli(&["INFO", "replication"]).unwrap_or_default();
            let is_down = node.cli(&["PING"]).is_err();
            is_down
                || (info.contains("cluster_state:ok")
                    && (replication.contains("role:master")
                        || replication.contains("master_link_status:up")))
        };
        while !self.nodes.iter().all(agrees) {
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other("the cluster's nodes do not agree"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

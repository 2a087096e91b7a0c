//! The way to a cluster: one connection of the driver's, which is many to its nodes.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{ConnectionInfo, RedisError, RedisResult};
use tokio::sync::OnceCell;

use super::connection::{CONNECT, at_once};

/// Made by the first call that finds a node; it finds the others by itself.
type Made = Arc<OnceCell<ClusterConnection>>;

/// The nodes to begin with and the connection that is in use.
pub(super) struct Cluster {
    pub(super) nodes: Vec<ConnectionInfo>,
    client: ClusterClient,
    made: RwLock<Made>,
}

impl Cluster {
    pub(super) fn new(nodes: Vec<ConnectionInfo>, timeout: Duration) -> RedisResult<Self> {
        let client = ClusterClient::builder(nodes.iter().cloned())
            .response_timeout(timeout)
            .connection_timeout(CONNECT.min(timeout))
            .tcp_settings(at_once())
            .min_retry_wait(20)
            .max_retry_wait(300)
            .build()?;
        Ok(Self { nodes, client, made: RwLock::default() })
    }

    /// Asks by the connection.
    ///
    /// A node that refuses connections, or says that it has no longer what is asked for, leads the
    /// driver to the one that has. One that stands still does not: the driver would ask it for ever,
    /// although another has taken over. So where no answer comes the next call begins anew.
    pub(super) async fn ask<T, F>(&self, ask: impl FnOnce(ClusterConnection) -> F) -> RedisResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let made = Arc::clone(&self.made.read().unwrap_or_else(PoisonError::into_inner));
        let connection = made.get_or_try_init(|| self.client.get_async_connection()).await?;
        let answer = ask(connection.clone()).await;
        if answer.as_ref().is_err_and(RedisError::is_timeout) {
            self.give_up(&made);
        }
        answer
    }

    /// Of all whose answers did not come only the first ends the connection, and not the next one.
    fn give_up(&self, made: &Made) {
        let mut current = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&current, made) {
            *current = Arc::default();
        }
    }
}

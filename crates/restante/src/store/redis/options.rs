use std::time::Duration;

use super::RedisStore;
use super::address::Address;
use crate::Error;

/// How a server is used. The defaults suit one that keeps its data (`appendonly yes`).
///
/// ```
/// use restante::RedisOptions;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// // Nobody has to listen there yet: a store begins to work when its server does.
/// let store = RedisOptions::new().prefix("shop").connect("redis://127.0.0.1:1").await?;
/// # let _ = store;
/// let nowhere = RedisOptions::new().connect("http://127.0.0.1").await.unwrap_err();
/// assert_eq!(nowhere.field(), Some("url"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct RedisOptions {
    pub(super) prefix: String,
    pub(super) part_size: usize,
    pub(super) timeout: Duration,
    pub(super) replicas: u32,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            prefix: "restante".to_owned(),
            part_size: 2_000,
            timeout: Duration::from_secs(5),
            replicas: 0,
        }
    }
}

impl RedisOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// What all keys begin with, so that several stores can be on one server; `restante` unless
    /// told otherwise. The outbox is the list `restante_outbox`, with this in place of `restante`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How many users of a long list get the message in one script, 1–10,000; 2,000 unless told
    /// otherwise. The server does nothing else meanwhile.
    pub fn part_size(mut self, users: usize) -> Self {
        self.part_size = users.clamp(1, 10_000);
        self
    }

    /// How long to wait for an answer; 5 seconds unless told otherwise. What was asked for may have
    /// been done nevertheless: a send with an idempotency key can be repeated.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many replicas must have a write before it is acknowledged (`WAIT`); none unless told
    /// otherwise. A write that fewer have in time is a `Transient` error, although it was done.
    ///
    /// Redis replicates without waiting, so that a master that is lost takes its last writes with
    /// it. With this it takes fewer, not none: which replica takes over is Redis' own choice.
    pub fn replicas(mut self, replicas: u32) -> Self {
        self.replicas = replicas;
        self
    }

    /// Uses the server at `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, or
    /// the cluster at `redis+cluster://host:port,host:port` (`rediss+cluster://`).
    ///
    /// It need not be there yet: until it is, and whenever it is not, calls fail with `Transient`
    /// errors.
    ///
    /// # Errors
    /// `Invalid` for a URL or prefix that cannot be.
    #[expect(clippy::unused_async, reason = "as the other stores, which have to open something")]
    pub async fn connect(self, url: &str) -> Result<RedisStore, Error> {
        let address = Address::parse(url)?;
        // A brace would move keys to other slots.
        let is_bad = |c: char| c == '{' || c == '}' || c.is_control();
        if self.prefix.is_empty() || self.prefix.len() > 64 || self.prefix.contains(is_bad) {
            return Err(Error::invalid("prefix", "is 1 to 64 bytes without braces"));
        }
        RedisStore::with_options(address, &self)
    }
}

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use serde::Serialize;

use crate::{Error, UserId, clock};

/// What a server must remember beside the messages: secrets, API keys, ended tokens, followers and
/// figures by day. Small, and the same on every store, so that all servers of one database agree.
#[async_trait]
pub trait Records: fmt::Debug + Send + Sync + 'static {
    /// The secret of this name; the first caller's `fresh` becomes it, for all servers.
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Error>;

    /// Adds an API key. A second one with the same id or hash is a `Conflict`.
    async fn add_api_key(&self, key: &ApiKey) -> Result<(), Error>;

    /// All API keys, oldest first, revoked ones included.
    async fn api_keys(&self) -> Result<Vec<ApiKey>, Error>;

    /// The API key with this hash, revoked or not.
    async fn api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, Error>;

    /// Revokes an API key for good and tells whether it was live.
    async fn revoke_api_key(&self, now: SystemTime, id: &str) -> Result<bool, Error>;

    /// Ends all tokens of a user that were issued up to now.
    async fn end_tokens(&self, now: SystemTime, user: &UserId) -> Result<(), Error>;

    /// When the user's tokens were last ended.
    async fn tokens_ended_at(&self, user: &UserId) -> Result<Option<SystemTime>, Error>;

    /// Takes or renews the lease of a follower and gives the position up to which it is done;
    /// `None` while another holder's lease lasts. A new follower begins at `start`.
    async fn lease(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        start: StartAt,
    ) -> Result<Option<i64>, Error>;

    /// Records that a follower is done up to `position` and renews its lease. `false`, and nothing
    /// recorded, when the holder has lost the lease to another.
    async fn advance(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        position: i64,
    ) -> Result<bool, Error>;

    /// Gives the lease back, if the holder has it.
    async fn release(&self, name: &str, holder: &str) -> Result<(), Error>;

    /// Uses up what works once, such as a ticket to sign in: `true` for the first caller with this
    /// id, on whichever server, and `false` for all others until `until`.
    async fn use_once(
        &self,
        now: SystemTime,
        id: &[u8; 32],
        until: SystemTime,
    ) -> Result<bool, Error>;

    /// What waits to be done and how writes are gathered, for operators.
    async fn load(&self) -> Result<Load, Error>;

    /// What was done by day (UTC), oldest first, from the day of `from` on. The store counts in
    /// the transactions that do it.
    async fn days(&self, from: SystemTime) -> Result<Vec<Day>, Error>;
}

/// Where a follower begins that was never heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartAt {
    /// With what is sent from now on.
    #[default]
    Now,
    /// With the oldest message that is still kept.
    Oldest,
}

/// An API key as it is kept: never the key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Its id, which is also the sender's name on messages.
    pub id: String,
    /// What the operator called it.
    pub name: String,
    /// SHA-256 of the key.
    #[serde(skip)]
    pub hash: [u8; 32],
    /// What it may do: `send`, `tokens`, `admin`.
    pub scopes: Vec<String>,
    /// When it was made.
    #[serde(serialize_with = "clock::serialize")]
    pub created_at: SystemTime,
    /// When it was revoked.
    #[serde(serialize_with = "clock::serialize_option")]
    pub revoked_at: Option<SystemTime>,
}

/// What waits, for all processes, and how this one has written since it opened the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Rows of the outbox that are to be relayed.
    pub outbox_waiting: u64,
    /// Rows of the outbox that were refused and hold their error.
    pub outbox_refused: u64,
    /// Parts of long lists that are to be delivered.
    pub parts_waiting: u64,
    /// Groups of writes made durable together. A store that does not gather has none.
    pub groups: u64,
    /// The writes in them.
    pub grouped_writes: u64,
}

/// What was done on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// Messages sent, a list or a broadcast counting once.
    pub sent: u64,
    /// Items marked read one by one.
    pub read: u64,
    /// Times that a user marked all read.
    pub read_all: u64,
}

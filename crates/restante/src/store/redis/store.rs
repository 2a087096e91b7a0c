//! The store itself: each method of the contract leads to the file that does it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use futures_util::future::join_all;
use redis::Cmd;

use super::NAME;
use super::address::Address;
use super::broadcasts::Cache;
use super::connection::{CONNECT, Link};
use super::inboxes::Inboxes;
use super::listening;
use super::options::RedisOptions;
use super::shards::Shards;
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::gathering::Gathering;
use crate::store::{
    Changes, Delivered, Expiry, Export, Followed, NewMessage, Receipts, Relayed, Sent, SentFilter,
    SentPage, Store, Swept, state,
};
use crate::{AsOf, Count, Error, Filter, Item, ItemId, MessageId, Page, UserId};

/// Messages on Redis, Valkey or Redis Cluster, from 6.2 on. Any number of processes may use one.
///
/// **What an acknowledged write survives** is the server's to decide. With `appendonly yes` and
/// `appendfsync always` it survives loss of power; with `appendfsync everysec` a crash may take the
/// last second; without `appendonly` everything since the last snapshot. A replica that takes over
/// may lack the master's last writes: see [`RedisOptions::replicas`]. `maxmemory-policy` must be
/// `noeviction`: keys that the server throws away are messages.
///
/// A process remembers up to 32 MiB of messages that it has shown.
///
/// **The outbox** is the list `restante_outbox`. Any program leaves a message with
/// `RPUSH restante_outbox '{"recipient": "alice", "message": "Ahoy there"}'`, also inside its own
/// `MULTI`. Beside these two an object may hold `level` (a number), `tags` (text, divided by
/// spaces), `url`, `data` (any JSON), `expires_at` (milliseconds since 1970) and `key`; the
/// recipient `*` is everyone.
///
/// ```no_run
/// use restante::{RedisStore, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(RedisStore::connect("redis://127.0.0.1").await?);
/// # let _ = restante;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct RedisStore {
    pub(super) link: Arc<Link>,
    pub(super) shards: Arc<Shards>,
    pub(super) broadcasts: Arc<Cache>,
    pub(super) inboxes: Arc<Gathering<Inboxes>>,
    pub(super) part_size: usize,
    /// Who tells others of changes: this handle and its clones.
    pub(super) origin: u64,
    /// The newest position that was given to this process. Each shard has a clock of its own; with this
    /// what one process sends one after the other is in that order, whatever the clocks do.
    seen: Arc<AtomicI64>,
}

impl RedisStore {
    /// Uses a server or cluster with the default options; see [`RedisOptions::connect`].
    ///
    /// # Errors
    /// `Invalid` for a URL that cannot be.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        RedisOptions::new().connect(url).await
    }

    pub(super) fn with_options(address: Address, options: &RedisOptions) -> Result<Self, Error> {
        let shards = Arc::new(match &address {
            Address::One(_) => Shards::one(&options.prefix),
            Address::Cluster(_) => Shards::divided(&options.prefix),
        });
        let link = Arc::new(Link::new(address, options)?);
        let inboxes = Inboxes::new(Arc::clone(&link), Arc::clone(&shards));
        Ok(Self {
            shards,
            link,
            broadcasts: Arc::default(),
            // The driver has its own limits, each for itself.
            inboxes: Arc::new(Gathering::new(inboxes, options.timeout + CONNECT)),
            part_size: options.part_size,
            origin: fastrand::u64(..),
            seen: Arc::default(),
        })
    }

    /// What a script that tells others of changes is given last: how, and who tells.
    pub(super) fn with_origin(&self, call: &mut Cmd) {
        self.with_teller(call, self.origin);
    }

    /// The same, in another's name.
    pub(super) fn with_teller(&self, call: &mut Cmd, teller: u64) {
        call.arg(self.link.publish()).arg(format!("{teller:x}"));
    }

    /// The clock of a user's shard.
    pub(super) fn shard_of(&self, user: &UserId) -> &str {
        self.shards.clock(self.shards.of(user))
    }

    /// What a script that takes positions is given first: not below which, and which of how many.
    pub(super) fn with_position(&self, call: &mut Cmd, now: i64, shard: usize) {
        let (turn, of) = self.shards.turn(shard);
        let at_least = state::position_at(now);
        let newest = self.seen.load(Ordering::Relaxed);
        call.arg(if of > 2 { at_least.max(newest + 1) } else { at_least }).arg(turn).arg(of);
    }

    /// Remembers a position that was given.
    pub(super) fn saw(&self, position: i64) {
        self.seen.fetch_max(position, Ordering::Relaxed);
    }

    /// Finishes what is recorded, also when the caller goes away, and tells whether that is done. What
    /// stands in the way is logged: whoever delivers or sweeps next goes on.
    pub(super) async fn finish(
        what: &'static str,
        work: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) -> bool {
        let done = tokio::spawn(work).await;
        if let Ok(Err(error)) = &done {
            let error = error as &dyn std::error::Error;
            tracing::warn!(error, "recorded, and waits to be {what}");
        }
        matches!(done, Ok(Ok(())))
    }

    /// Asks all shards at once. The answers are in the order of the shards.
    pub(super) async fn of_all<T, F>(&self, ask: impl Fn(usize) -> F) -> Result<Vec<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        // All are done before the first error is told: one that cannot be reached stops no other.
        join_all((0..self.shards.count()).map(ask)).await.into_iter().collect()
    }
}

/// The day of a time, since 1970-01-01, UTC.
pub(super) fn day(now: i64) -> i64 {
    now.div_euclid(86_400_000)
}

/// A send without a row of the outbox happens or fails.
fn sent(sent: Option<Sent>) -> Result<Sent, Error> {
    sent.ok_or_else(|| Error::internal(NAME, "a message was neither sent nor refused"))
}

#[async_trait]
impl Store for RedisStore {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        sent(self.send_list(to_millis(now), message, to.as_slice(), None).await?)
    }

    async fn broadcast(
        &self,
        now: SystemTime,
        message: &NewMessage,
        newcomers: bool,
    ) -> Result<Sent, Error> {
        sent(self.send_to_everyone(to_millis(now), message, newcomers, None).await?)
    }

    async fn deliver(&self, now: SystemTime, name_users: bool) -> Result<Option<Delivered>, Error> {
        if self.shards.are_several() {
            return self.hand_over_next(to_millis(now), name_users).await;
        }
        self.deliver_part(to_millis(now), name_users).await
    }

    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error> {
        self.relay_rows(now, expiry, limit).await
    }

    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error> {
        self.page(to_millis(now), user, filter).await
    }

    async fn count(&self, now: SystemTime, user: &UserId) -> Result<Count, Error> {
        self.count_unread(to_millis(now), user).await
    }

    async fn get(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<Option<Item>, Error> {
        self.find(to_millis(now), user, id).await
    }

    async fn mark_read(
        &self,
        now: SystemTime,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        self.mark(to_millis(now), user, "read", ids).await
    }

    async fn mark_unread(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        Ok(self.mark(to_millis(now), user, "unread", &[id]).await? == 1)
    }

    async fn mark_all_read(
        &self,
        now: SystemTime,
        user: &UserId,
        as_of: &AsOf,
    ) -> Result<bool, Error> {
        self.mark_all(to_millis(now), user, *as_of).await
    }

    async fn dismiss(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        Ok(self.mark(to_millis(now), user, "dismiss", &[id]).await? == 1)
    }

    async fn join(
        &self,
        _now: SystemTime,
        user: &UserId,
        joined: SystemTime,
    ) -> Result<bool, Error> {
        self.set_joined(user, to_millis(joined)).await
    }

    async fn sent(&self, now: SystemTime, filter: &SentFilter) -> Result<SentPage, Error> {
        self.sent_page(to_millis(now), filter).await
    }

    async fn receipts(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error> {
        self.figures(to_millis(now), id, sender).await
    }

    async fn retract(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error> {
        self.take_back(to_millis(now), id, sender).await
    }

    async fn sweep(&self, now: SystemTime) -> Result<Swept, Error> {
        self.sweep_step(to_millis(now)).await
    }

    async fn forget(&self, now: SystemTime, user: &UserId) -> Result<bool, Error> {
        self.forget_user(to_millis(now), user).await
    }

    async fn export(&self, now: SystemTime, user: &UserId) -> Result<Export, Error> {
        self.hand_out(to_millis(now), user).await
    }

    async fn follow(
        &self,
        now: SystemTime,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        self.log(to_millis(now), after, limit).await
    }

    fn changes(&self) -> Changes {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return Changes::none();
        };
        let (sender, changes) = Changes::channel();
        runtime.spawn(listening::listen(self.clone(), sender));
        changes
    }
}

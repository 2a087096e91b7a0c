use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use super::Restante;
use crate::store::{Followed, StartAt};
use crate::{Error, limits};

/// How many entries are read at once.
const BATCH: usize = 64;
/// How long to wait when there is nothing new or another process has the lease. A send in this
/// process cuts it short.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A durable reader of what is sent: for e-mail, push and everything else that must not miss one.
///
/// Every entry comes at least once and in order. An entry counts as done when the next one is asked
/// for, or [`done`](Self::done) is called. Of all processes that use a name one reads at a time;
/// when it dies, another goes on after the lease has run out.
///
/// ```
/// use restante::{MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// let mut mailer = restante.follow("mailer").from_oldest();
/// restante.send(Message::info("Ahoy there"), "alice").await?;
///
/// let entry = mailer.next().await?;
/// assert_eq!(entry.message.text(), "Ahoy there");
/// assert_eq!(entry.users.unwrap()[0].as_str(), "alice");
/// mailer.done().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Follower {
    restante: Restante,
    name: String,
    holder: String,
    start: StartAt,
    lease: Duration,
    read: VecDeque<Followed>,
    in_hand: Option<i64>,
    held: Option<Held>,
}

/// The lease, as long as this process believes to have it.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// When it was last taken or renewed.
    at: SystemTime,
    /// Up to where all is done.
    after: i64,
}

impl Follower {
    pub(super) fn new(restante: Restante, name: String, start: StartAt) -> Self {
        let holder = format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(&name));
        let lease = Duration::from_secs(30);
        let read = VecDeque::new();
        Self { restante, name, holder, start, lease, read, in_hand: None, held: None }
    }

    /// A name that was never used begins with the oldest message still kept, not with the next.
    pub fn from_oldest(mut self) -> Self {
        self.start = StartAt::Oldest;
        self
    }

    /// How long another process waits for one that died; 30 seconds unless told otherwise. Handling
    /// one entry must not take longer, or another process begins it too.
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Takes the lease now, if it is free, and with it the place to begin: what is sent after this
    /// returns will come. Without it the first [`next`](Self::next) does so.
    pub async fn begin(&mut self) -> Result<bool, Error> {
        Ok(self.take_lease().await?.is_some())
    }

    /// The next entry. Waits until there is one and this process has the lease. What the call
    /// before gave counts as done. May be dropped and called again.
    pub async fn next(&mut self) -> Result<Followed, Error> {
        self.done().await?;
        if !self.holds_for(self.lease) {
            // Another process has read on, or may have.
            self.read.clear();
        }
        loop {
            if let Some(entry) = self.read.pop_front() {
                self.in_hand = Some(entry.position);
                return Ok(entry);
            }
            // Listen before looking, so that nothing sent between the two goes unnoticed.
            let hub = std::sync::Arc::clone(&self.restante.inner.hub);
            let sent = hub.sends();
            tokio::pin!(sent);
            sent.as_mut().enable();
            if let Some(after) = self.take_lease().await? {
                let (store, now) = (self.restante.store(), self.restante.now());
                self.read = store.follow(now, after, BATCH).await?.into();
            }
            if self.read.is_empty() {
                let _ = tokio::time::timeout(LOOK_EVERY, sent).await;
            }
        }
    }

    /// Records that the entry in hand is done.
    pub async fn done(&mut self) -> Result<(), Error> {
        let Some(position) = self.in_hand else {
            return Ok(());
        };
        let (store, now) = (self.restante.store(), self.restante.now());
        let kept = store.advance(now, &self.name, &self.holder, self.lease, position).await?;
        self.in_hand = None;
        // Where another process took over, what was read ahead is its business now.
        self.held = kept.then_some(Held { at: now, after: position });
        Ok(())
    }

    /// Gives the lease back, so that another process need not wait for it to run out. The entry in
    /// hand does not count as done.
    pub async fn close(self) -> Result<(), Error> {
        self.restante.store().release(&self.name, &self.holder).await
    }

    async fn take_lease(&mut self) -> Result<Option<i64>, Error> {
        if self.name.is_empty() || self.name.len() > limits::KEY_BYTES {
            return Err(Error::invalid("name", "a follower's name is 1 to 255 bytes"));
        }
        // Renewing is a write, and whoever waits for something new looks often.
        if let Some(held) = self.held.filter(|_| self.holds_for(self.lease / 3)) {
            return Ok(Some(held.after));
        }
        let (store, now) = (self.restante.store(), self.restante.now());
        let after = store.lease(now, &self.name, &self.holder, self.lease, self.start).await?;
        // What was read under an earlier lease may have been done under another's since.
        self.read.clear();
        self.held = after.map(|after| Held { at: now, after });
        Ok(after)
    }

    /// Whether the lease was taken or renewed less than this long ago.
    fn holds_for(&self, time: Duration) -> bool {
        let Some(held) = self.held else {
            return false;
        };
        self.restante.now().duration_since(held.at).is_ok_and(|since| since < time)
    }
}

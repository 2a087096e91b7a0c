use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::background::Background;
use super::hub::Hub;
use super::listening::Listener;
use super::upkeep::{self, NextSweep};
use super::{Events, Follower, Inbox, SendRequest};
use crate::store::{Expiry, Receipts, RelayedMessage, SentFilter, SentPage, StartAt, Store, Swept};
use crate::{
    Clock, Error, Event, EventKind, Export, ItemId, Message, MessageId, SystemClock, To, User,
    UserId,
};

/// The service: sends messages, opens inboxes, tells who listens. Cloning is cheap.
///
/// Bound to the process, not to a request: keep one and clone it. It belongs in a tokio runtime
/// with time enabled. From its first use, while it lives and that runs, it finishes long lists (also
/// those that another process left half done), relays the outbox and sweeps; see
/// [`without_background`](Self::without_background).
///
/// ```
/// use restante::{Filter, MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// let sent = restante.send(Message::success("Saved"), ["alice", "bob"]).await?;
/// assert_eq!(sent.recipients, 2);
///
/// let alice = restante.inbox("alice")?;
/// assert_eq!(alice.list(Filter::unread()).await?.items[0].message.text(), "Saved");
///
/// assert!(restante.retract(sent.id).await?);
/// assert_eq!(alice.count().await?.unread, 0);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Restante {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    pub(super) expiry: Expiry,
    pub(super) hub: Arc<Hub>,
    pub(super) background: Background,
}

impl Restante {
    /// The service on a store of its own.
    pub fn new(store: impl Store) -> Self {
        Self::from_arc(Arc::new(store))
    }

    /// The service on a store that others hold too.
    pub fn from_arc(store: Arc<dyn Store>) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                clock: Arc::new(SystemClock),
                expiry: Expiry::default(),
                hub: Arc::default(),
                background: Background::default(),
            }),
        }
    }

    /// Takes the time from another clock. For tests, mostly.
    pub fn with_clock(self, clock: impl Clock) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        self.rebuilt(|inner| inner.clock = clock)
    }

    /// How long messages stay that do not say so themselves: by default 30 days unread, 120 in all.
    pub fn with_expiry(self, expiry: Expiry) -> Self {
        self.rebuilt(|inner| inner.expiry = expiry)
    }

    /// Does nothing by itself: the app calls [`deliver_waiting`](Self::deliver_waiting),
    /// [`relay`](Self::relay) and [`sweep`](Self::sweep), or another process does.
    pub fn without_background(self) -> Self {
        self.rebuilt(|inner| inner.background = Background::off())
    }

    /// Settings are made before the first call, when nobody else holds the service yet; a clone
    /// made earlier keeps its own.
    fn rebuilt(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner {
            store: Arc::clone(&self.inner.store),
            clock: Arc::clone(&self.inner.clock),
            expiry: self.inner.expiry,
            hub: Arc::clone(&self.inner.hub),
            background: self.inner.background.restart(),
        };
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }

    /// A message to one user, several or everyone. Nothing is sent until the request is awaited.
    ///
    /// # Errors
    /// Awaiting it: `Invalid` or `TooLarge` with the field named (`message`, `tags`, `url`, `data`,
    /// `expires`, `to`, `key`, `sender`), `Conflict` for a key used before with other content,
    /// `Transient` or `Internal` from the store. On an error nothing was sent.
    pub fn send(&self, message: impl Into<Message>, to: impl Into<To>) -> SendRequest {
        SendRequest::new(self.clone(), message.into(), to.into())
    }

    /// One user's inbox and archive.
    ///
    /// # Errors
    /// `Invalid` or `TooLarge` for the field `user`.
    pub fn inbox(&self, user: impl Into<User>) -> Result<Inbox, Error> {
        Inbox::new(self.clone(), user.into())
    }

    /// Hints of everything that happens in this process, from now on.
    pub fn subscribe(&self) -> Events {
        let events = self.inner.hub.subscribe();
        // Some only listen, and wait for what other programs leave in the outbox. What is heard
        // first comes to who is there by then.
        self.start();
        events
    }

    /// A durable reader of what is sent, for those who forward it: at least once, in order, one
    /// process at a time for each name, beginning with what is sent after its first use.
    pub fn follow(&self, name: impl Into<String>) -> Follower {
        Follower::new(self.clone(), name.into(), StartAt::Now)
    }

    /// A page of sent messages, newest first.
    pub async fn sent(&self, filter: SentFilter) -> Result<SentPage, Error> {
        filter.check()?;
        self.store().sent(self.now(), &filter).await
    }

    /// What became of a sent message: to how many users it went, how many got and read it.
    ///
    /// # Errors
    /// `NotFound` when there is no such message or it has expired.
    pub async fn receipts(&self, id: MessageId) -> Result<Receipts, Error> {
        let receipts = self.store().receipts(self.now(), id, None).await?;
        receipts.ok_or_else(|| Error::not_found(format!("there is no message {id}")))
    }

    /// Takes a message back from everyone and tells whether it was there. Its sender sees for 30
    /// days at the latest that it was sent and retracted.
    pub async fn retract(&self, id: MessageId) -> Result<bool, Error> {
        self.retract_as(id, None).await
    }

    /// Takes a message back, with `sender` only if it sent it.
    pub async fn retract_as(&self, id: MessageId, sender: Option<&str>) -> Result<bool, Error> {
        let retracted = self.store().retract(self.now(), id, sender).await?;
        if retracted {
            let event = Event { message_id: Some(id), ..Event::new(EventKind::Retracted) };
            self.inner.hub.publish(&event);
            self.inner.background.wake();
        }
        Ok(retracted)
    }

    /// Removes all that nobody can see any more, in bounded steps, and tells what left. Never
    /// blocks senders for long.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let mut total = Swept::default();
        loop {
            total += self.store().sweep(self.now()).await?;
            if !total.more {
                return Ok(total);
            }
        }
    }

    /// Forgets a user and removes what was kept, and tells whether anything was. Counts in receipts
    /// stay; the end of the user's tokens is remembered.
    pub async fn forget(&self, user: impl Into<User>) -> Result<bool, Error> {
        let user = UserId::checked(user.into().id)?;
        let known = self.store().forget(self.now(), &user).await?;
        self.inner.hub.end_streams_of(&user);
        if known {
            self.sweep().await?;
        }
        Ok(known)
    }

    /// Ends all of a user's tokens that were made up to now, and the user's live streams: those of
    /// this process at once, those of others within half a minute. The library itself makes no
    /// tokens; whoever does, asks the store when they were ended.
    pub async fn end_tokens(&self, user: &UserId) -> Result<(), Error> {
        self.store().end_tokens(self.now(), user).await?;
        self.inner.hub.end_streams_of(user);
        Ok(())
    }

    /// Ends all live streams of this process and begins no more, so that a server which waits for its
    /// connections can stop. Their readers go on where they were, at another server or the next.
    pub fn end_streams(&self) {
        self.inner.hub.end_streams();
    }

    /// All that is kept of a user.
    pub async fn export(&self, user: impl Into<User>) -> Result<Export, Error> {
        let user = UserId::checked(user.into().id)?;
        self.store().export(self.now(), &user).await
    }

    /// Delivers what waits of long lists, whoever sent them, and tells how many users got theirs.
    /// `progress` is told after each part.
    pub async fn deliver_waiting(&self, mut progress: impl FnMut(u64)) -> Result<u64, Error> {
        let mut total = 0;
        loop {
            let name_users = self.inner.hub.has_listeners();
            let Some(part) = self.store().deliver(self.now(), name_users).await? else {
                return Ok(total);
            };
            total += part.delivered;
            progress(part.delivered);
            for user in &part.users {
                self.inner.hub.stored(user, part.position, part.id, &part.message);
            }
            self.inner.hub.sent();
        }
    }

    /// Sends what programs left in the outbox and tells how many messages that were.
    pub async fn relay(&self) -> Result<u64, Error> {
        const BATCH: usize = 500;
        let mut total = 0;
        loop {
            let relayed = self.store().relay(self.now(), self.inner.expiry, BATCH).await?;
            for message in &relayed.messages {
                self.announce_relayed(message);
            }
            if relayed.refused > 0 {
                tracing::warn!(rows = relayed.refused, "outbox rows refused; see their `error`");
            }
            total += relayed.messages.len() as u64;
            if !relayed.more {
                return Ok(total);
            }
        }
    }

    fn announce_relayed(&self, relayed: &RelayedMessage) {
        let sent = relayed.sent;
        if sent.repeated {
            return;
        }
        let id = ItemId::new(sent.id.value());
        match &relayed.user {
            Some(user) => self.inner.hub.stored(user, id, sent.id, &relayed.message),
            None => self.inner.hub.broadcast(sent.id, &relayed.message),
        }
        self.inner.hub.sent();
    }

    /// The store, for what the service does not offer.
    pub fn store(&self) -> &Arc<dyn Store> {
        self.start();
        &self.inner.store
    }

    /// The time now, by the service's clock.
    pub fn now(&self) -> SystemTime {
        self.inner.clock.now()
    }

    pub(super) fn start(&self) {
        if self.inner.background.is_running() {
            return;
        }
        // The task must not keep the service alive.
        let (service, next_sweep) = (Arc::downgrade(&self.inner), NextSweep::now());
        let listener = Listener {
            store: Arc::clone(&self.inner.store),
            clock: Arc::clone(&self.inner.clock),
            hub: Arc::clone(&self.inner.hub),
            woken: self.inner.background.woken(),
        };
        let listen = move || {
            let changes = listener.store.changes();
            listener.listen(changes)
        };
        let round = move || {
            let restante = Self { inner: service.upgrade()? };
            let next_sweep = next_sweep.clone();
            Some(async move {
                let deliver = restante.deliver_waiting(|_| {});
                upkeep::round(&next_sweep, restante.relay(), deliver, restante.sweep()).await
            })
        };
        self.inner.background.start(round, listen);
    }
}

impl fmt::Debug for Restante {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restante")
            .field("store", &self.inner.store)
            .field("clock", &self.inner.clock)
            .field("expiry", &self.inner.expiry)
            .finish_non_exhaustive()
    }
}

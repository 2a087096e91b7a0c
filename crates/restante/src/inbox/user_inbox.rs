use std::time::SystemTime;

use super::{EventStream, Events, Restante};
use crate::store::Store;
use crate::{
    AsOf, Count, Error, Event, EventKind, Filter, Item, ItemId, Page, User, UserId, limits,
};

/// One user's inbox and archive. It never shows or changes another user's items.
///
/// ```
/// use restante::{Filter, MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// restante.send(Message::info("Ahoy there"), "alice").await?;
///
/// let inbox = restante.inbox("alice")?;
/// let item = inbox.list(Filter::unread()).await?.items.remove(0);
/// assert!(inbox.mark_read(item.id).await?);
/// assert!(!inbox.mark_read(item.id).await?, "it was read already");
/// assert_eq!(inbox.list(Filter::archive()).await?.items.len(), 1);
///
/// assert!(restante.inbox("bob")?.get(item.id).await.unwrap_err().is_not_found());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Inbox {
    restante: Restante,
    user: UserId,
    joined: Option<SystemTime>,
    until: Option<SystemTime>,
    since: Option<SystemTime>,
}

impl Inbox {
    pub(super) fn new(restante: Restante, user: User) -> Result<Self, Error> {
        let User { id, joined, until, since } = user;
        Ok(Self { restante, user: UserId::checked(id)?, joined, until, since })
    }

    /// Whose inbox it is.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Hints of what happens in this inbox and of broadcasts, from now on.
    pub fn subscribe(&self) -> Events {
        let events = self.restante.inner.hub.subscribe_user(&self.user);
        self.restante.start();
        events
    }

    /// What happens in this inbox while it is open, as server-sent events. `after` is the last
    /// `id:` of an earlier stream, of whichever process: everything that arrived since comes first.
    /// Without it the stream begins now; whoever shows a list reads it once the stream has begun.
    ///
    /// # Errors
    /// `TooLarge` for the field `streams`: a user has at most 100 in one process.
    pub fn event_stream(&self, after: Option<AsOf>) -> Result<EventStream, Error> {
        let stream = EventStream::new(self.clone(), &self.restante.inner.hub, after)?;
        self.restante.start();
        Ok(stream)
    }

    pub(super) fn now(&self) -> SystemTime {
        self.restante.now()
    }

    /// How long the user is known to be signed in.
    pub(super) fn until(&self) -> Option<SystemTime> {
        self.until
    }

    /// When the user signed in.
    pub(super) fn since(&self) -> Option<SystemTime> {
        self.since
    }

    pub(super) async fn tokens_ended_at(&self) -> Result<Option<SystemTime>, Error> {
        self.restante.store().tokens_ended_at(&self.user).await
    }

    /// A page of items, newest first, with the unread count and `as_of` from the same snapshot.
    ///
    /// # Errors
    /// `Invalid` or `TooLarge` for the field `limit`, `tag` or `q`.
    pub async fn list(&self, filter: Filter) -> Result<Page, Error> {
        filter.check()?;
        self.store().await?.list(self.restante.now(), &self.user, &filter).await
    }

    /// How many items are unread.
    pub async fn count(&self) -> Result<Count, Error> {
        self.store().await?.count(self.restante.now(), &self.user).await
    }

    /// One item, from inbox or archive.
    ///
    /// # Errors
    /// `NotFound` when the user has no such item.
    pub async fn get(&self, id: ItemId) -> Result<Item, Error> {
        let item = self.store().await?.get(self.restante.now(), &self.user, id).await?;
        item.ok_or_else(|| Error::not_found(format!("there is no item {id}")))
    }

    /// Marks an item read and tells whether it was not.
    pub async fn mark_read(&self, id: ItemId) -> Result<bool, Error> {
        Ok(self.mark_read_many(&[id]).await? > 0)
    }

    /// Marks several items read, at most 1,000, and tells how many were not.
    ///
    /// # Errors
    /// `TooLarge` for the field `ids`.
    pub async fn mark_read_many(&self, ids: &[ItemId]) -> Result<u64, Error> {
        if ids.len() > limits::MARKED_ITEMS {
            return Err(Error::too_large("ids", "at most 1,000 items are marked at once"));
        }
        let changed = self.store().await?.mark_read(self.restante.now(), &self.user, ids).await?;
        if changed > 0 {
            for id in ids {
                self.publish(&Event::of(EventKind::Read, &self.user).about(*id));
            }
        }
        Ok(changed)
    }

    /// Marks an item unread again and tells whether it was read.
    pub async fn mark_unread(&self, id: ItemId) -> Result<bool, Error> {
        let changed = self.store().await?.mark_unread(self.restante.now(), &self.user, id).await?;
        if changed {
            self.publish(&Event::of(EventKind::Unread, &self.user).about(id));
        }
        Ok(changed)
    }

    /// Marks read everything that was visible when `as_of` was made, and nothing that arrived or
    /// was marked unread since. Tells whether that moved anything.
    pub async fn mark_all_read(&self, as_of: &AsOf) -> Result<bool, Error> {
        let now = self.restante.now();
        let changed = self.store().await?.mark_all_read(now, &self.user, as_of).await?;
        if changed {
            self.publish(&Event::of(EventKind::AllRead, &self.user));
        }
        Ok(changed)
    }

    /// Takes an item out of inbox and archive and tells whether it was there.
    pub async fn dismiss(&self, id: ItemId) -> Result<bool, Error> {
        let changed = self.store().await?.dismiss(self.restante.now(), &self.user, id).await?;
        if changed {
            self.publish(&Event::of(EventKind::Dismissed, &self.user).about(id));
        }
        Ok(changed)
    }

    fn publish(&self, event: &Event) {
        self.restante.inner.hub.publish(event);
    }

    /// The store, once it knows when the user joined. It writes that down once; afterwards telling
    /// it again costs one read.
    async fn store(&self) -> Result<&dyn Store, Error> {
        let store = self.restante.store();
        if let Some(joined) = self.joined {
            store.join(self.restante.now(), &self.user, joined).await?;
        }
        Ok(store.as_ref())
    }
}

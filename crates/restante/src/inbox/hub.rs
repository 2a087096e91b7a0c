//! Tells listeners in this process what happened.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, mpsc};

use super::live::Mailbox;
use crate::{Error, Event, EventKind, ItemId, Message, MessageId, UserId};

/// How many hints wait for a slow listener before the next is dropped.
const CAPACITY: usize = 256;
/// How many live streams one user may have in a process. A browser has one, however many tabs.
const STREAMS: usize = 100;

/// Listeners by user, and those who hear everything. A listener wakes for its own user and for
/// events about everyone only.
#[derive(Default)]
pub(crate) struct Hub {
    listeners: AtomicUsize,
    streams: AtomicUsize,
    /// No more streams are begun.
    is_closing: AtomicBool,
    channels: Mutex<Channels>,
    sends: Notify,
}

#[derive(Default)]
struct Channels {
    all: Vec<mpsc::Sender<Event>>,
    users: HashMap<UserId, Of>,
}

/// Who listens to one user's.
#[derive(Default)]
struct Of {
    listeners: Vec<mpsc::Sender<Event>>,
    streams: Vec<Arc<Mailbox>>,
}

impl Of {
    fn tell(&self, event: &Event) {
        self.listeners.iter().for_each(|listener| offer(listener, event));
        self.streams.iter().for_each(|mailbox| mailbox.put(event));
    }

    fn is_empty(&self) -> bool {
        self.listeners.is_empty() && self.streams.is_empty()
    }
}

impl Hub {
    pub(super) fn subscribe(self: &Arc<Self>) -> Events {
        self.add(None)
    }

    pub(super) fn subscribe_user(self: &Arc<Self>, user: &UserId) -> Events {
        self.add(Some(user.clone()))
    }

    fn add(self: &Arc<Self>, user: Option<UserId>) -> Events {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let mut channels = self.channels();
        match &user {
            None => channels.all.push(sender),
            Some(user) => {
                channels.users.entry(user.clone()).or_default().listeners.push(sender);
            }
        }
        self.listeners.fetch_add(1, Ordering::Relaxed);
        Events { receiver, user, hub: Arc::downgrade(self) }
    }

    /// Whether it is worth while to find out whom an event is about.
    pub(super) fn has_listeners(&self) -> bool {
        self.listeners.load(Ordering::Relaxed) > 0
    }

    /// A live stream of this user's.
    ///
    /// # Errors
    /// `TooLarge` for the field `streams`; `Transient` when all were ended.
    pub(super) fn open_mailbox(&self, user: &UserId) -> Result<Arc<Mailbox>, Error> {
        let mut channels = self.channels();
        // Looked at under the lock, under which streams are ended too.
        if self.is_closing.load(Ordering::Relaxed) {
            return Err(Error::transient("streams", "this process is stopping"));
        }
        let of = channels.users.entry(user.clone()).or_default();
        if of.streams.len() >= STREAMS {
            return Err(Error::too_large("streams", "a user has at most 100 live streams at once"));
        }
        let mailbox = Arc::new(Mailbox::default());
        of.streams.push(Arc::clone(&mailbox));
        self.listeners.fetch_add(1, Ordering::Relaxed);
        self.streams.fetch_add(1, Ordering::Relaxed);
        Ok(mailbox)
    }

    pub(super) fn close_mailbox(&self, user: &UserId, mailbox: &Arc<Mailbox>) {
        self.change(user, |of| of.streams.retain(|other| !Arc::ptr_eq(other, mailbox)));
        self.listeners.fetch_sub(1, Ordering::Relaxed);
        self.streams.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many live streams there are.
    pub(super) fn streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }

    /// Ends the live streams of a user.
    pub(super) fn end_streams_of(&self, user: &UserId) {
        self.each_stream(Some(user), Mailbox::end);
    }

    /// Ends all live streams, and none is begun any more.
    pub(super) fn end_streams(&self) {
        let channels = self.channels();
        self.is_closing.store(true, Ordering::Relaxed);
        channels.users.values().flat_map(|of| &of.streams).for_each(|mailbox| mailbox.end());
    }

    /// Tells streams alone.
    pub(super) fn wake_streams(&self, event: &Event) {
        self.each_stream(event.user.as_ref(), |mailbox| mailbox.put(event));
    }

    fn each_stream(&self, user: Option<&UserId>, mut each: impl FnMut(&Mailbox)) {
        let channels = self.channels();
        let all = |of: &Of| of.streams.iter().for_each(|mailbox| each(mailbox));
        match user {
            Some(user) => channels.users.get(user).into_iter().for_each(all),
            None => channels.users.values().for_each(all),
        }
    }

    pub(super) fn publish(&self, event: &Event) {
        if !self.has_listeners() {
            return;
        }
        let channels = self.channels();
        match &event.user {
            Some(user) => channels.users.get(user).into_iter().for_each(|of| of.tell(event)),
            None => channels.users.values().for_each(|of| of.tell(event)),
        }
        for listener in &channels.all {
            offer(listener, event);
        }
    }

    pub(super) fn stored(
        &self,
        user: &UserId,
        id: ItemId,
        message_id: MessageId,
        message: &Arc<Message>,
    ) {
        if self.has_listeners() {
            self.publish(&Event {
                message: Some(Arc::clone(message)),
                message_id: Some(message_id),
                ..Event::of(EventKind::Stored, user).about(id)
            });
        }
    }

    pub(super) fn broadcast(&self, message_id: MessageId, message: &Arc<Message>) {
        self.publish(&Event {
            message: Some(Arc::clone(message)),
            message_id: Some(message_id),
            ..Event::new(EventKind::Broadcast).about(ItemId::new(message_id.value()))
        });
    }

    /// Something was sent: followers look again.
    pub(super) fn sent(&self) {
        self.sends.notify_waiters();
    }

    /// Waits until something is sent in this process.
    pub(super) fn sends(&self) -> Notified<'_> {
        self.sends.notified()
    }

    fn remove_closed(&self, user: Option<&UserId>) {
        let is_open = |listener: &mpsc::Sender<Event>| !listener.is_closed();
        match user {
            None => self.channels().all.retain(is_open),
            Some(user) => self.change(user, |of| of.listeners.retain(is_open)),
        }
        self.listeners.fetch_sub(1, Ordering::Relaxed);
    }

    /// Changes who listens to a user's, and forgets a user to whom nobody does.
    fn change(&self, user: &UserId, change: impl FnOnce(&mut Of)) {
        let mut channels = self.channels();
        if let Some(of) = channels.users.get_mut(user) {
            change(of);
            if of.is_empty() {
                channels.users.remove(user);
            }
        }
    }

    fn channels(&self) -> MutexGuard<'_, Channels> {
        // Every change of the map is a single step, so a panic elsewhere leaves it whole.
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A full channel drops the hint: its listener re-reads when it comes to the others.
fn offer(listener: &mpsc::Sender<Event>, event: &Event) {
    let _ = listener.try_send(event.clone());
}

/// A stream of hints, from [`Restante::subscribe`](crate::Restante::subscribe) or
/// [`Inbox::subscribe`](crate::Inbox::subscribe). It ends when the service is gone.
///
/// ```
/// use restante::{EventKind, MemoryStore, Message, Restante};
/// use futures_util::StreamExt;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// let mut events = restante.subscribe();
/// restante.send(Message::info("Ahoy there"), "alice").await?;
///
/// let event = events.next().await.unwrap();
/// assert_eq!(event.kind, EventKind::Stored);
/// assert_eq!(event.user.unwrap().as_str(), "alice");
/// assert_eq!(event.message.unwrap().text(), "Ahoy there");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::Receiver<Event>,
    user: Option<UserId>,
    hub: std::sync::Weak<Hub>,
}

impl Events {
    /// The next hint; `None` when the service is gone.
    pub async fn recv(&mut self) -> Option<Event> {
        self.receiver.recv().await
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.receiver.poll_recv(context)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.receiver.close();
        if let Some(hub) = self.hub.upgrade() {
            hub.remove_closed(self.user.as_ref());
        }
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("listeners", &self.listeners).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that lives for months must not remember every tab that was ever open.
    #[test]
    fn nothing_is_kept_of_dropped_listeners() {
        let (hub, alice) = (Arc::new(Hub::default()), UserId::new("alice").unwrap());
        let (all, mine, also_mine) =
            (hub.subscribe(), hub.subscribe_user(&alice), hub.subscribe_user(&alice));
        drop(mine);
        assert_eq!(hub.channels().users[&alice].listeners.len(), 1);
        let mailbox = hub.open_mailbox(&alice).unwrap();
        drop(also_mine);
        hub.close_mailbox(&alice, &mailbox);
        assert!(hub.channels().users.is_empty());
        assert!(hub.has_listeners());
        drop(all);
        assert!(hub.channels().all.is_empty());
        assert!(!hub.has_listeners(), "nobody's names are looked up for nobody");
    }
}

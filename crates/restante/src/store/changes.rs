//! Hints of what other processes do to a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::Followed;
use crate::Event;

/// How many hints wait for who does not come to them before they are replaced by
/// [`Change::Anything`].
const CAPACITY: usize = 1_024;

/// A hint that another process changed something. Hints may come late and twice; where some were
/// missed, [`Anything`](Self::Anything) says so.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// Something waits to be done: a row in the outbox, or a part of a long list.
    Work,
    /// Messages were sent: the entries of the log from the first of these positions to the last,
    /// which [`follow`](crate::Store::follow) reads.
    Sent {
        /// The first position.
        first: i64,
        /// The last one; the first where it was one message.
        last: i64,
    },
    /// A message was sent: this entry of the log.
    Entry(Box<Followed>),
    /// A user changed something, or a sender retracted a message.
    Event(Event),
    /// Nobody knows: hints were missed, or the store cannot tell what happened.
    Anything,
}

/// Hints as they come in, from [`Store::changes`](crate::Store::changes).
#[derive(Debug)]
pub struct Changes {
    receiver: Option<mpsc::Receiver<Change>>,
    missed: Arc<AtomicBool>,
}

/// The other end of [`Changes`], which a store keeps.
#[derive(Clone, Debug)]
pub struct ChangeSender {
    sender: mpsc::Sender<Change>,
    missed: Arc<AtomicBool>,
}

impl Changes {
    /// For a store that no other process knows.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// assert!(restante::store::Changes::none().next().await.is_none());
    /// # }
    /// ```
    pub fn none() -> Self {
        Self { receiver: None, missed: Arc::default() }
    }

    /// Hints and the end into which a store puts them.
    ///
    /// ```
    /// use restante::store::{Change, Changes};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let (sender, mut changes) = Changes::channel();
    /// sender.send(Change::Work);
    /// assert!(matches!(changes.next().await, Some(Change::Work)));
    /// drop(sender);
    /// assert!(changes.next().await.is_none());
    /// # }
    /// ```
    pub fn channel() -> (ChangeSender, Self) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let missed = Arc::<AtomicBool>::default();
        let changes = Self { receiver: Some(receiver), missed: Arc::clone(&missed) };
        (ChangeSender { sender, missed }, changes)
    }

    /// The next hint; `None` when there will be no more.
    pub async fn next(&mut self) -> Option<Change> {
        let change = self.receiver.as_mut()?.recv().await;
        if self.missed.swap(false, Ordering::AcqRel) {
            return Some(Change::Anything);
        }
        change
    }
}

impl ChangeSender {
    /// Tells whoever listens. It never waits: what there is no room for becomes one
    /// [`Change::Anything`].
    pub fn send(&self, change: Change) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(change) {
            self.missed.store(true, Ordering::Release);
        }
    }

    /// Waits until nobody listens any more.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_comes_late_is_told_that_something_was_missed() {
        let (sender, mut changes) = Changes::channel();
        for position in 0..5_000 {
            sender.send(Change::Sent { first: position, last: position });
        }
        assert!(matches!(changes.next().await, Some(Change::Anything)));
        assert!(matches!(changes.next().await, Some(Change::Sent { .. })));
    }
}

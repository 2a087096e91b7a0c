//! What other processes did is told to listeners here.

use std::sync::Arc;

use tokio::sync::Notify;

use super::hub::Hub;
use crate::store::{Change, Changes, Followed, SentFilter, Store};
use crate::{Clock, Error, Event, EventKind, ItemId};

/// How many entries of the log are read at once.
const BATCH: usize = 64;
/// How many batches are read to find out what was sent by nobody knows whom. Behind more than that
/// every stream looks for itself.
const BATCHES: usize = 16;

/// Who is to know, and what is needed to find out.
pub(super) struct Listener {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hub: Arc<Hub>,
    /// Wakes the background task.
    pub(super) woken: Arc<Notify>,
}

impl Listener {
    /// Passes hints on for as long as there are some.
    pub(super) async fn listen(self, mut changes: Changes) {
        let mut known = self.newest().await;
        while let Some(change) = changes.next().await {
            match change {
                Change::Work => self.woken.notify_one(),
                Change::Event(event) => self.hub.publish(&event),
                Change::Sent { first, last } => {
                    self.hub.sent();
                    if let Err(error) = self.tell_sent(first, last).await {
                        let error = &error as &dyn std::error::Error;
                        tracing::debug!(error, "who got a message is not known");
                        self.tell_unknown();
                    }
                }
                Change::Entry(entry) => {
                    self.hub.sent();
                    self.tell_entry(&entry);
                }
                Change::Anything => {
                    self.woken.notify_one();
                    self.hub.sent();
                    if self.hub.streams() > 0 {
                        known = self.wake_streams(known).await;
                    }
                    self.tell_unknown();
                }
            }
        }
    }

    /// The newest position of the log; `None` when it cannot be had.
    async fn newest(&self) -> Option<i64> {
        let filter = SentFilter { limit: 1, ..SentFilter::default() };
        let page = self.store.sent(self.clock.now(), &filter).await.ok()?;
        Some(page.messages.first().map_or(0, |newest| newest.id.value()))
    }

    /// Wakes the streams of whoever was sent something after this position, and tells up to where
    /// the log was read. They would look anyway, but not at once.
    async fn wake_streams(&self, after: Option<i64>) -> Option<i64> {
        let Some(mut after) = after else {
            return self.newest().await;
        };
        for _ in 0..BATCHES {
            let entries = self.store.follow(self.clock.now(), after, BATCH).await.ok()?;
            for entry in &entries {
                match &entry.users {
                    None => self.hub.wake_streams(&Event::new(EventKind::Broadcast)),
                    Some(users) => {
                        let stored = |user| Event::of(EventKind::Stored, user);
                        for user in users {
                            self.hub.wake_streams(&stored(user));
                        }
                    }
                }
                after = entry.position;
            }
            if entries.len() < BATCH {
                return Some(after);
            }
        }
        None
    }

    /// Tells who got what. The log is read only where somebody wants to know.
    async fn tell_sent(&self, first: i64, last: i64) -> Result<(), Error> {
        let mut after = first - 1;
        while self.hub.has_listeners() && after < last {
            let entries = self.store.follow(self.clock.now(), after, BATCH).await?;
            let Some(newest) = entries.last().map(|entry| entry.position) else {
                return Ok(());
            };
            for entry in entries.iter().take_while(|entry| entry.position <= last) {
                self.tell_entry(entry);
            }
            after = newest;
        }
        Ok(())
    }

    fn tell_entry(&self, entry: &Followed) {
        match &entry.users {
            None => self.hub.broadcast(entry.id, &entry.message),
            Some(users) => {
                let item = ItemId::new(entry.position);
                for user in users {
                    self.hub.stored(user, item, entry.id, &entry.message);
                }
            }
        }
    }

    fn tell_unknown(&self) {
        self.hub.publish(&Event::new(EventKind::Unknown));
    }
}

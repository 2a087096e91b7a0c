//! What other processes did is told to listeners here.

use std::sync::Arc;

use tokio::sync::Notify;

use super::hub::Hub;
use crate::store::{Change, Changes, Store};
use crate::{Clock, Error, Event, EventKind, ItemId};

/// How many entries of the log are read at once.
const BATCH: usize = 64;

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
                Change::Anything => {
                    self.woken.notify_one();
                    self.hub.sent();
                    self.tell_unknown();
                }
            }
        }
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
            after = newest;
        }
        Ok(())
    }

    fn tell_unknown(&self) {
        self.hub.publish(&Event::new(EventKind::Unknown));
    }
}

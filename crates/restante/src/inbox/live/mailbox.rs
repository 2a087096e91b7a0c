//! What one stream has to look at when it wakes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use crate::{Event, EventKind, ItemId};

/// How many items are named to a reader; where there are more, it reads its list again.
const NAMED: usize = 100;

/// Hints that wait for one stream, put together. Small and without a queue: there is one for each
/// open stream, and most of the time nothing waits.
#[derive(Debug, Default)]
pub(in crate::inbox) struct Mailbox(Mutex<Slot>);

#[derive(Debug, Default)]
struct Slot {
    mail: Mail,
    waker: Option<Waker>,
}

/// What happened since the stream looked last.
#[derive(Debug, Default)]
pub(super) struct Mail {
    /// When to look.
    pub(super) look: Look,
    /// The reader is no longer to be told anything.
    pub(super) ended: bool,
    /// More was marked than is named, or nobody knows what.
    pub(super) several: bool,
    /// What was marked, in order.
    pub(super) marks: Vec<(ItemId, Mark)>,
}

/// When a stream is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    #[default]
    Never,
    /// Something may have happened: everybody looks, but not all at once.
    Late,
    /// Something did, in this inbox or for everyone.
    Soon,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Read,
    Unread,
    Gone,
}

impl Mailbox {
    /// Puts a hint in and wakes the stream.
    pub(in crate::inbox) fn put(&self, event: &Event) {
        self.change(|mail| mail.add(event));
    }

    /// The stream is to end.
    pub(in crate::inbox) fn end(&self) {
        self.change(|mail| mail.ended = true);
    }

    /// What waits. What comes next wakes this waker, also when something waited: whoever takes it
    /// may put it off.
    pub(super) fn take(&self, waker: &Waker) -> Option<Mail> {
        let mut slot = self.listened(waker);
        (!slot.mail.is_empty()).then(|| std::mem::take(&mut slot.mail))
    }

    /// Whether the stream is to end. Everything else is left where it is.
    pub(super) fn is_ended(&self, waker: &Waker) -> bool {
        self.listened(waker).mail.ended
    }

    fn listened(&self, waker: &Waker) -> MutexGuard<'_, Slot> {
        let mut slot = self.slot();
        match &mut slot.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        slot
    }

    fn change(&self, change: impl FnOnce(&mut Mail)) {
        let mut slot = self.slot();
        change(&mut slot.mail);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Every change is whole when the lock is given back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mail {
    fn is_empty(&self) -> bool {
        self.look == Look::Never && !self.ended
    }

    fn add(&mut self, event: &Event) {
        match event.kind {
            EventKind::Stored | EventKind::Broadcast => self.look = Look::Soon,
            EventKind::Read => self.mark(event.id, Mark::Read),
            EventKind::Unread => self.mark(event.id, Mark::Unread),
            EventKind::Dismissed => self.mark(event.id, Mark::Gone),
            EventKind::AllRead => self.mark(None, Mark::Read),
            EventKind::Retracted => {
                // Whose it was is not known. As far as it went to one user or to everyone, the
                // message's id is the item's.
                if let Some(message) = event.message_id {
                    self.name(ItemId::new(message.value()), Mark::Gone);
                }
                self.look = self.look.max(Look::Late);
            }
            EventKind::Unknown => self.look = self.look.max(Look::Late),
        }
    }

    fn mark(&mut self, id: Option<ItemId>, mark: Mark) {
        match id {
            Some(id) => self.name(id, mark),
            None => self.several = true,
        }
        self.look = Look::Soon;
    }

    fn name(&mut self, id: ItemId, mark: Mark) {
        if self.marks.len() < NAMED {
            self.marks.push((id, mark));
        } else {
            self.several = true;
        }
    }

    /// The same with what came before it.
    pub(super) fn after(mut self, earlier: Self) -> Self {
        let (mut marks, later) = (earlier.marks, self.marks);
        marks.extend(later);
        self.marks = marks;
        self.look = self.look.max(earlier.look);
        self.ended |= earlier.ended;
        self.several |= earlier.several || self.marks.len() > NAMED;
        self.marks.truncate(NAMED);
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::*;
    use crate::UserId;

    fn event(kind: EventKind, id: i64) -> Event {
        Event::of(kind, &UserId::new("alice").unwrap()).about(ItemId::new(id))
    }

    #[test]
    fn what_waits_is_put_together_and_bounded() {
        let (mailbox, waker) = (Mailbox::default(), Waker::noop());
        assert!(mailbox.take(waker).is_none());
        for id in 0..1_000 {
            mailbox.put(&event(EventKind::Read, id));
        }
        let mail = mailbox.take(waker).unwrap();
        assert!(mail.look == Look::Soon && mail.several);
        assert_eq!(mail.marks.len(), NAMED);
        assert!(mailbox.take(waker).is_none(), "it was handed out");
    }

    #[test]
    fn what_nobody_knows_is_not_urgent() {
        let (mailbox, waker) = (Mailbox::default(), Waker::noop());
        mailbox.put(&Event::new(EventKind::Unknown));
        let mail = mailbox.take(waker).unwrap();
        assert_eq!(mail.look, Look::Late);
        mailbox.put(&event(EventKind::Dismissed, 7));
        let both = mailbox.take(waker).unwrap().after(mail);
        assert_eq!(both.look, Look::Soon);
        assert_eq!(both.marks, [(ItemId::new(7), Mark::Gone)]);
    }

    /// What was taken may be put off, and what comes meanwhile must not wait for it.
    #[test]
    fn who_took_something_is_woken_by_what_comes_next() {
        #[derive(Default)]
        struct Woken(AtomicUsize);
        impl Wake for Woken {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let woken = Arc::<Woken>::default();
        let (mailbox, waker) = (Mailbox::default(), Waker::from(Arc::clone(&woken)));
        mailbox.put(&Event::new(EventKind::Unknown));
        assert!(mailbox.take(&waker).is_some());
        mailbox.put(&event(EventKind::Stored, 1));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(!mailbox.is_ended(&waker));
        mailbox.end();
        assert_eq!(woken.0.load(Ordering::Relaxed), 2);
        assert!(mailbox.is_ended(&waker) && mailbox.take(&waker).is_some());
    }
}

//! One user's inbox while it is open: what arrives and what is marked, as server-sent events.
//!
//! `mailbox` is what the hub tells a stream, `look` what the store then has, `written` how it
//! travels. A stream never trusts a hint: it reads from where it is, so a lost one delays and
//! nothing is told twice.

mod jitter;
mod look;
mod mailbox;
mod written;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures_core::Stream;
use tokio::time::{Instant, Sleep};

use self::look::Looked;
pub(super) use self::mailbox::Mailbox;
use self::mailbox::{Look, Mail};
use super::Inbox;
use super::hub::Hub;
use crate::{AsOf, Count, Error, Item};

/// How often both ends learn that the connection is there. Proxies give up after a minute.
const BEAT: Duration = Duration::from_secs(20);
/// How long a reader waits before it comes back, at least; at most twice as long.
const RETRY: Duration = Duration::from_secs(1);
/// How long to wait for a store that does not answer, at least; at most twice as long.
const OUTAGE: Duration = Duration::from_secs(1);
/// When a stream ends at the latest, or after twice as long: an app may have signed its reader out
/// without saying so, and who is still let in comes back and misses nothing.
const LONGEST: Duration = Duration::from_secs(900);
/// When nobody knows whom something is about, every stream looks: so many a second, and none waits
/// longer than that.
const LOOKS_A_SECOND: f64 = 2_000.0;
const LATEST: Duration = Duration::from_secs(5);

/// One user's live stream: server-sent events (`text/event-stream` of the HTML standard) in chunks
/// of bytes, from [`Inbox::event_stream`]. The routes of an adapter answer with it; any other
/// framework can send it as a body.
///
/// - `retry:` comes first, different for each stream, so that not all readers come back at once.
/// - `message`: an item that arrived, as JSON like in a page, with an `id:` by which the stream can
///   be resumed after it.
/// - `read`: `{"ids": […], "unread": false, "gone": false}`, items that were marked read, marked
///   unread, or are gone from inbox and archive; with `"ids": null` whoever shows a list reads it
///   again.
/// - `count`: `{"unread": …, "as_of": …}`, once at the beginning, after what was missed, and after
///   every change.
/// - A comment about every 20 seconds.
///
/// It ends when the user's tokens are ended, when the user is forgotten in this process, at the time
/// that [`User::until`](crate::User::until) says, by
/// [`Restante::end_streams`](crate::Restante::end_streams), and after 15 to 30 minutes in any case,
/// so that whoever signed out is told nothing for long. A store that does not answer is waited
/// for. What is not read is not asked for either: a slow reader costs no memory.
///
/// ```
/// use futures_util::StreamExt;
/// use restante::{MemoryStore, Message, Restante};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// let mut stream = restante.inbox("alice")?.event_stream(None)?;
/// let began = String::from_utf8(stream.next().await.unwrap()).unwrap();
/// assert!(began.starts_with("retry: "));
/// let counted = String::from_utf8(stream.next().await.unwrap()).unwrap();
/// assert!(counted.contains("event: count\n") && counted.contains("\"unread\":0"));
///
/// restante.send(Message::info("Ahoy there"), "alice").await?;
/// let arrived = String::from_utf8(stream.next().await.unwrap()).unwrap();
/// assert!(arrived.starts_with("event: message\nid: "));
/// assert!(arrived.contains("Ahoy there") && arrived.contains("\"unread\":1"));
/// # Ok(()) }
/// ```
pub struct EventStream {
    inbox: Inbox,
    /// When the reader signed in, as far as is known.
    began: SystemTime,
    mailbox: Arc<Mailbox>,
    hub: Weak<Hub>,
    /// Everything up to here was told.
    seen: Option<AsOf>,
    /// How many the reader thinks are unread.
    unread: Option<u64>,
    /// What is looked into now, or waits to be.
    mail: Mail,
    step: Step,
    timer: Pin<Box<Sleep>>,
    next_beat: Instant,
    /// When to look although nothing is known to have happened.
    look_at: Option<Instant>,
    /// Not to look sooner: the store did not answer.
    not_before: Option<Instant>,
    end_at: Instant,
}

type Looking<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// What a stream is doing.
enum Step {
    /// The first bytes have not left.
    Fresh,
    Idle,
    /// The store is asked for what is new.
    Looking(Looking<Looked>),
    /// The store is asked for a page of what was missed; the rest is told after it.
    CatchingUp(Looking<Vec<Item>>, Box<Looked>),
    /// Whether the user's tokens were ended meanwhile.
    Asking(Looking<Option<SystemTime>>),
    Ended,
}

impl EventStream {
    pub(super) fn new(inbox: Inbox, hub: &Arc<Hub>, seen: Option<AsOf>) -> Result<Self, Error> {
        let mailbox = hub.open_mailbox(inbox.user())?;
        let (now, clock) = (Instant::now(), inbox.now());
        let left = |until: SystemTime| until.duration_since(clock).unwrap_or_default();
        let longest = jitter::up_to_twice(LONGEST);
        let end_at = now + inbox.until().map_or(longest, |until| left(until).min(longest));
        let next_beat = next_beat(now);
        let began = inbox.since().unwrap_or(clock);
        Ok(Self {
            inbox,
            began,
            mailbox,
            hub: Arc::downgrade(hub),
            seen,
            unread: None,
            mail: Mail::default(),
            step: Step::Fresh,
            timer: Box::pin(tokio::time::sleep_until(next_beat)),
            next_beat,
            look_at: None,
            not_before: None,
            end_at,
        })
    }

    /// Asks the store. Hints that come from now on make it look once more.
    fn look(&mut self) {
        (self.look_at, self.not_before) = (None, None);
        self.step = Step::Looking(Box::pin(look::look(self.inbox.clone(), self.seen)));
    }

    /// One thing after another until there is something to send, to wait for, or the end.
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        loop {
            let chunk = match &mut self.step {
                Step::Ended => return Poll::Ready(None),
                Step::Fresh => {
                    let mut chunk = Vec::new();
                    written::retry(jitter::up_to_twice(RETRY).as_millis(), &mut chunk);
                    // Whoever lets readers in may have known for a moment longer than the store.
                    self.mail.look = Look::Soon;
                    self.ask();
                    Ok(chunk)
                }
                Step::Idle => std::task::ready!(self.wait(context)),
                Step::Looking(looking) => {
                    let Poll::Ready(looked) = looking.as_mut().poll(context) else {
                        return self.meanwhile(context);
                    };
                    self.step = Step::Idle;
                    looked.and_then(|looked| self.tell_oldest(looked))
                }
                Step::CatchingUp(looking, _) => {
                    let Poll::Ready(page) = looking.as_mut().poll(context) else {
                        return self.meanwhile(context);
                    };
                    let Step::CatchingUp(_, rest) = std::mem::replace(&mut self.step, Step::Idle)
                    else {
                        continue;
                    };
                    page.and_then(|page| {
                        let mut chunk = Vec::new();
                        self.tell_items(&page, &mut chunk)?;
                        chunk.extend(self.tell_oldest(*rest)?);
                        Ok(chunk)
                    })
                }
                Step::Asking(asking) => {
                    let Poll::Ready(ended) = asking.as_mut().poll(context) else {
                        return self.meanwhile(context);
                    };
                    let began = self.began;
                    let is_ended = |ended: Option<SystemTime>| ended.is_some_and(|at| at >= began);
                    // Who cannot be asked about is asked about again.
                    self.step = if ended.is_ok_and(is_ended) { Step::Ended } else { Step::Idle };
                    continue;
                }
            };
            match chunk {
                Ok(chunk) if chunk.is_empty() => {}
                Ok(chunk) => return Poll::Ready(Some(chunk)),
                Err(error) => self.put_off(&error),
            }
        }
    }

    /// While the store is asked, which may take long: ends when it is time, and shows that the
    /// connection is there.
    fn meanwhile(&mut self, context: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        loop {
            let now = Instant::now();
            if self.mailbox.is_ended(context.waker()) || self.end_at <= now {
                self.step = Step::Ended;
                return Poll::Ready(None);
            }
            if self.next_beat <= now {
                self.next_beat = next_beat(now);
                return Poll::Ready(Some(written::HEARTBEAT.to_vec()));
            }
            std::task::ready!(self.until(self.next_beat.min(self.end_at), context));
        }
    }

    /// Asks the store whether the user's tokens were ended.
    fn ask(&mut self) {
        let inbox = self.inbox.clone();
        self.step = Step::Asking(Box::pin(async move { inbox.tokens_ended_at().await }));
    }

    fn until(&mut self, time: Instant, context: &mut Context<'_>) -> Poll<()> {
        if self.timer.deadline() != time {
            self.timer.as_mut().reset(time);
        }
        self.timer.as_mut().poll(context)
    }

    /// Waits for a hint or a time.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, Error>> {
        if let Some(mail) = self.mailbox.take(context.waker()) {
            if mail.ended {
                self.step = Step::Ended;
                return Poll::Ready(Ok(Vec::new()));
            }
            self.mail = mail.after(std::mem::take(&mut self.mail));
        }
        let now = Instant::now();
        if self.end_at <= now {
            self.step = Step::Ended;
            return Poll::Ready(Ok(Vec::new()));
        }
        if self.mail.look == Look::Late && self.look_at.is_none() {
            let streams = self.hub.upgrade().map_or(0, |hub| hub.streams());
            self.look_at = Some(now + jitter::up_to(spread(streams)));
        }
        let look_at = if self.mail.look == Look::Soon { Some(now) } else { self.look_at };
        let look_at = look_at.map(|at| self.not_before.map_or(at, |sooner| at.max(sooner)));
        if look_at.is_some_and(|at| at <= now) {
            self.look();
            return Poll::Ready(Ok(Vec::new()));
        }
        if self.next_beat <= now {
            self.next_beat = next_beat(now);
            self.ask();
            return Poll::Ready(Ok(written::HEARTBEAT.to_vec()));
        }
        let next = look_at.into_iter().fold(self.next_beat.min(self.end_at), Instant::min);
        // A time that is over at once leads round again.
        self.until(next, context).map(|()| Ok(Vec::new()))
    }

    /// Goes on with the oldest page that was missed, or tells what the newest has.
    fn tell_oldest(&mut self, mut looked: Looked) -> Result<Vec<u8>, Error> {
        if let (Some(cursor), Some(seen)) = (looked.more.pop(), self.seen) {
            let page = look::look_on(self.inbox.clone(), cursor, seen);
            self.step = Step::CatchingUp(Box::pin(page), Box::new(looked));
            return Ok(Vec::new());
        }
        let mut chunk = Vec::new();
        self.mail.several |= looked.is_cut;
        self.tell_items(&looked.new, &mut chunk)?;
        self.seen = Some(looked.reached);
        self.tell_marks(looked.count, looked.reached, &mut chunk)?;
        Ok(chunk)
    }

    fn tell_items(&mut self, items: &[Item], chunk: &mut Vec<u8>) -> Result<(), Error> {
        for item in items {
            let seen = look::with(self.seen.unwrap_or_default(), item);
            written::message(item, seen, chunk)?;
            self.seen = Some(seen);
            if let (true, Some(unread)) = (item.unread, &mut self.unread) {
                *unread += 1;
            }
        }
        Ok(())
    }

    /// What was marked, and the count if the reader cannot know it.
    fn tell_marks(&mut self, count: Count, seen: AsOf, chunk: &mut Vec<u8>) -> Result<(), Error> {
        let mut mail = std::mem::take(&mut self.mail);
        let is_as_thought = self.unread == Some(count.unread);
        // Something was marked, and nobody said what.
        mail.several |= mail.marks.is_empty() && self.unread.is_some() && !is_as_thought;
        written::marks(&mail, chunk)?;
        if !is_as_thought || !chunk.is_empty() {
            written::count(count, seen, chunk)?;
        }
        self.unread = Some(count.unread);
        Ok(())
    }

    /// Looks again when the store may be there again; everything else is the end.
    fn put_off(&mut self, error: &Error) {
        if !error.is_transient() {
            tracing::error!(error = error as &dyn std::error::Error, "a live stream ended");
            self.step = Step::Ended;
            return;
        }
        self.step = Step::Idle;
        self.mail.look = Look::Soon;
        self.not_before = Some(Instant::now() + jitter::up_to_twice(OUTAGE));
    }
}

fn next_beat(now: Instant) -> Instant {
    now + jitter::up_to_twice(BEAT / 2) + BEAT / 4
}

/// Over which time so many streams look.
fn spread(streams: usize) -> Duration {
    let streams = u32::try_from(streams).unwrap_or(u32::MAX);
    Duration::from_secs_f64(f64::from(streams) / LOOKS_A_SECOND).min(LATEST)
}

impl Stream for EventStream {
    type Item = Vec<u8>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        self.advance(context)
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            hub.close_mailbox(self.inbox.user(), &self.mailbox);
        }
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("user", self.inbox.user())
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

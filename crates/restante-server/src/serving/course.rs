//! What happened on a connection so far, and how long its client is waited for.
//!
//! Hyper could do the waiting. It would set a timer for each request and take it back, under a lock
//! that all connections share; the one here is set anew when it has run out and finds that there were
//! requests meanwhile.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// What hyper does not tell of a connection.
#[derive(Default)]
pub(super) struct Course {
    /// A stream of events that waits to be taken.
    pub(super) events: Mutex<Option<Response>>,
    /// The client has not taken all of an earlier answer: what is left of it is hyper's to send.
    pub(super) is_held_up: AtomicBool,
    /// How many requests have come, and how many of them were answered to the end.
    pub(super) asked: AtomicU64,
    answered: AtomicU64,
}

/// The time that the client has for the head of its next request.
pub(super) struct NextHead {
    patience: Duration,
    /// How many requests had come when the client was last seen to be waited for.
    after: u64,
    /// When it has to be there.
    due: Instant,
    /// Rings then or earlier.
    alarm: Pin<Box<Sleep>>,
}

impl NextHead {
    pub(super) fn new(patience: Duration) -> Self {
        let alarm = Box::pin(sleep(patience));
        Self { patience, after: 0, due: alarm.deadline(), alarm }
    }

    /// Ready when it did not come in time.
    pub(super) fn poll_overdue(&mut self, context: &mut Context<'_>, course: &Course) -> Poll<()> {
        let asked = course.asked.load(Ordering::Relaxed);
        let is_waited_for = asked == course.answered.load(Ordering::Relaxed);
        if is_waited_for && asked != self.after {
            self.after = asked;
            self.due = Instant::now() + self.patience;
        }
        loop {
            ready!(self.alarm.as_mut().poll(context));
            let now = Instant::now();
            if !is_waited_for {
                // Its time begins after the answer, so it cannot be over before this.
                self.alarm.as_mut().reset(now + self.patience);
            } else if now < self.due {
                self.alarm.as_mut().reset(self.due);
            } else {
                return Poll::Ready(());
            }
        }
    }
}

/// The body of an answer. Hyper keeps it until it has taken the last of it.
pub(super) struct Answer {
    body: Body,
    course: Arc<Course>,
}

impl Answer {
    pub(super) fn new(body: Body, course: Arc<Course>) -> Self {
        Self { body, course }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.course.answered.fetch_add(1, Ordering::Relaxed);
    }
}

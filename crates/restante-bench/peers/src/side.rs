//! What is measured: an app with a library's layer, and the same app without.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

pub(crate) const TEXT: &str = "Profile saved";
pub(crate) const IDLE: &str = "Hello";

/// A text that no cookie holds.
pub(crate) fn huge() -> String {
    "x".repeat(5_000)
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// The handler has nothing to do with messages.
    Idle,
    /// It says something and redirects.
    Add,
    /// It shows the one message that waits, which then is gone.
    Read,
    /// It takes what waits, and then redirects.
    ReadAndRedirect,
    /// It takes what waits, and then fails.
    ReadAndFail,
    /// It says more than a cookie holds.
    AddHuge,
}

impl Operation {
    /// Those that are measured; the others are for the tests.
    pub(crate) const MEASURED: [Self; 3] = [Self::Idle, Self::Add, Self::Read];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Idle => "/idle",
            Self::Add => "/add",
            Self::Read => "/read",
            Self::ReadAndRedirect => "/read-and-redirect",
            Self::ReadAndFail => "/read-and-fail",
            Self::AddHuge => "/add-huge",
        }
    }

    pub(crate) fn is_post(self) -> bool {
        matches!(self, Self::Add | Self::AddHuge)
    }
}

/// Which of the two apps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Without the layer, its handlers answering the same.
    Bare,
    Layered,
}

/// Where a library keeps messages, which decides what its requests bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// It has none: it is only measured idle.
    Nothing,
    /// In a cookie of its own, which is there only when a message is.
    InCookie,
    /// In a session, whose cookie comes with every request.
    InSession,
}

/// What came back, as far as a browser would look at it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) set_cookies: Vec<String>,
    pub(crate) body: String,
}

pub(crate) trait Side {
    type Request;
    type Response;

    fn keeps(&self) -> Keeps;
    fn request(&self, operation: Operation, cookie: Option<&str>) -> Self::Request;
    fn handle(&mut self, which: Which, request: Self::Request) -> Self::Response;
    fn read(response: Self::Response) -> Answer;

    fn answer(&mut self, operation: Operation, cookie: Option<&str>) -> Answer {
        let request = self.request(operation, cookie);
        Self::read(self.handle(Which::Layered, request))
    }
}

/// Runs a future to its end without a runtime around it, which would cost the same on all sides.
pub(crate) fn drive<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("nothing here waits for anything")
}

//! Batches of requests, each of which finds what its users' browsers would have left behind.

use std::time::{Duration, Instant};

use crate::browser::{Browser, check};
use crate::side::{Keeps, Operation, Side, Which};

/// One library, and browsers that have visited its app.
pub(crate) struct Visits<S> {
    side: S,
    /// One for each request of a batch where a request changes what is kept on the server.
    browsers: Vec<Browser>,
}

/// What is measured of any library.
pub(crate) trait Measured {
    /// Handles a batch of requests and says how long that took.
    fn run(&mut self, which: Which, operation: Operation, requests: usize) -> Duration;
}

impl<S: Side> Visits<S> {
    /// # Panics
    /// When the library does not do what is to be measured.
    pub(crate) fn new(mut side: S) -> Self {
        check(&mut side);
        Self { side, browsers: Vec::new() }
    }

    fn requests(&mut self, operation: Operation, count: usize) -> Vec<S::Request> {
        match self.side.keeps() {
            Keeps::Nothing => self.same_requests(operation, None, count),
            Keeps::InCookie => {
                let mut browser = Browser::default();
                if operation == Operation::Read {
                    browser.visit(&mut self.side, Operation::Add);
                }
                self.same_requests(operation, browser.cookie().as_deref(), count)
            }
            Keeps::InSession => {
                self.browsers.resize_with(count, Browser::default);
                let Self { side, browsers } = self;
                let request = |browser: &mut Browser| {
                    // A session, and nothing in it that an earlier batch left.
                    browser.visit(side, Operation::Add);
                    browser.visit(side, Operation::Read);
                    if operation == Operation::Read {
                        browser.visit(side, Operation::Add);
                    }
                    side.request(operation, browser.cookie().as_deref())
                };
                browsers.iter_mut().map(request).collect()
            }
        }
    }

    fn same_requests(
        &self,
        operation: Operation,
        cookie: Option<&str>,
        count: usize,
    ) -> Vec<S::Request> {
        (0..count).map(|_| self.side.request(operation, cookie)).collect()
    }
}

impl<S: Side> Measured for Visits<S> {
    fn run(&mut self, which: Which, operation: Operation, requests: usize) -> Duration {
        let requests = self.requests(operation, requests);
        let start = Instant::now();
        measured_requests(&mut self.side, which, requests);
        start.elapsed()
    }
}

/// Valgrind counts while this runs, by its name.
#[inline(never)]
fn measured_requests<S: Side>(side: &mut S, which: Which, requests: Vec<S::Request>) {
    for request in requests {
        drop(side.handle(which, request));
    }
}

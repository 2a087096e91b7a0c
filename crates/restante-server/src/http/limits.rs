//! How often each API key may call.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use restante::Problem;

/// Counts the requests of each key. Every server counts for itself.
#[derive(Debug)]
pub(super) struct KeyLimits {
    limiter: Option<(NonZeroU32, DefaultKeyedRateLimiter<String>)>,
    clock: DefaultClock,
}

/// A key that called too often.
#[derive(Debug)]
pub(super) struct TooOften {
    a_second: NonZeroU32,
    wait: Duration,
}

impl KeyLimits {
    /// So many requests a second, or with `None` as many as come. A key that was quiet for a second
    /// may call as often at once.
    pub(super) fn new(a_second: Option<NonZeroU32>) -> Self {
        let limiter =
            a_second.map(|limit| (limit, DefaultKeyedRateLimiter::keyed(Quota::per_second(limit))));
        Self { limiter, clock: DefaultClock::default() }
    }

    /// Counts one request of this key.
    pub(super) fn count(&self, key: &str) -> Result<(), TooOften> {
        let Some((a_second, limiter)) = &self.limiter else {
            return Ok(());
        };
        limiter.check_key(&key.to_owned()).map_err(|until| TooOften {
            a_second: *a_second,
            wait: until.wait_time_from(self.clock.now()),
        })
    }
}

impl IntoResponse for TooOften {
    fn into_response(self) -> Response {
        let detail = format!("this key may make {} requests a second", self.a_second);
        let (kind, title) = ("urn:restante:problem:too-often", "Too many requests");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, kind, title, detail);
        let mut response = problem.into_response();
        // In whole seconds, and not before it works.
        let seconds = self.wait.as_secs() + 1;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_limit() {
        let limits = KeyLimits::new(NonZeroU32::new(2));
        assert!(limits.count("a").is_ok() && limits.count("a").is_ok());
        let response = limits.count("a").unwrap_err().into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        assert!(limits.count("b").is_ok());
        let unlimited = KeyLimits::new(None);
        assert!((0..1000).all(|_| unlimited.count("a").is_ok()));
    }
}

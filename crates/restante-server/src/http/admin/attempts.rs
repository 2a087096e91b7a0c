//! How often somebody may try to sign in.
//!
//! A key is 256 random bits, so no number of tries finds one. The limits keep those who try from
//! being work for the store and lines in the log. Every server counts for itself.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota};

/// How many tries a minute one address has, and as many at once.
const OF_ONE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// How many all addresses have together.
const OF_ALL: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// After how many tries the addresses that were quiet for a minute are forgotten: looking for them
/// takes as long as there are addresses.
const FORGETTING: u64 = 10_000;

/// Counts the tries of each address and of all.
#[derive(Debug)]
pub(super) struct Attempts {
    of_one: DefaultKeyedRateLimiter<IpAddr>,
    of_all: DefaultDirectRateLimiter,
    counted: AtomicU64,
    clock: DefaultClock,
}

/// Somebody tried too often; in whole seconds, when it works again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooOften(pub(super) u64);

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            of_one: DefaultKeyedRateLimiter::keyed(Quota::per_minute(OF_ONE)),
            of_all: DefaultDirectRateLimiter::direct(Quota::per_minute(OF_ALL)),
            counted: AtomicU64::new(0),
            clock: DefaultClock::default(),
        }
    }

    /// Counts one try. Of an address that has none left, nothing is counted for all: one cannot use
    /// up the others' tries.
    pub(super) fn count(&self, address: IpAddr) -> Result<(), TooOften> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % FORGETTING == FORGETTING - 1 {
            self.of_one.retain_recent();
        }
        self.of_one.check_key(&network(address)).map_err(|until| self.too_often(&until))?;
        self.of_all.check().map_err(|until| self.too_often(&until))
    }

    fn too_often(&self, until: &NotUntil<<DefaultClock as Clock>::Instant>) -> TooOften {
        let wait: Duration = until.wait_time_from(self.clock.now());
        // Not before it works.
        TooOften(wait.as_secs() + 1)
    }
}

/// One house has 2^64 addresses of the newer kind.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

/// Who tries. A proxy says for whom it asks in the last part of `X-Forwarded-For`, and is believed
/// when it is on this machine or was trusted with the names of users. Whoever could make it up has
/// only more tries of their own, not more of all.
pub(super) fn client(from: SocketAddr, headers: &HeaderMap, trusts_proxy: bool) -> IpAddr {
    if !trusts_proxy && !from.ip().to_canonical().is_loopback() {
        return from.ip();
    }
    let told = headers.get_all("x-forwarded-for").iter().next_back();
    let told = told.and_then(|value| value.to_str().ok()).and_then(|list| list.rsplit(',').next());
    told.and_then(|address| address.trim().parse().ok()).unwrap_or(from.ip())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_has_its_tries_and_all_have_theirs() {
        let attempts = Attempts::new();
        let ours = address("192.0.2.1");
        for _ in 0..OF_ONE.get() {
            assert_eq!(attempts.count(ours), Ok(()));
        }
        // One in six seconds.
        assert!(matches!(attempts.count(ours), Err(TooOften(1..=7))));
        for number in 0..OF_ALL.get() - OF_ONE.get() {
            let [.., high, low] = number.to_be_bytes();
            assert_eq!(attempts.count(IpAddr::from([198, 51, high, low])), Ok(()), "{number}");
        }
        assert!(attempts.count(address("203.0.113.1")).is_err());
    }

    #[test]
    fn a_house_counts_as_one() {
        assert_eq!(network(address("2001:db8::1")), network(address("2001:db8::2:3")));
        assert_ne!(network(address("2001:db8::1")), network(address("2001:db8:0:1::1")));
        assert_eq!(network(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }

    #[test]
    fn a_proxy_tells_for_whom_it_asks_and_others_do_not() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.1, 192.0.2.2"));
        let far: SocketAddr = "198.51.100.1:5000".parse().unwrap();
        let near: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        assert_eq!(client(far, &headers, false), far.ip());
        assert_eq!(client(far, &headers, true), address("192.0.2.2"));
        assert_eq!(client(near, &headers, false), address("192.0.2.2"));
        assert_eq!(client(near, &HeaderMap::new(), false), near.ip());
        headers.insert("x-forwarded-for", HeaderValue::from_static("unknown"));
        assert_eq!(client(near, &headers, false), near.ip());
    }
}

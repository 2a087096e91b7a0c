//! Random times, so that what many do is not done by all at once.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// A time from nothing up to this one.
pub(super) fn up_to(longest: Duration) -> Duration {
    // The standard library's own random seed: nothing here has to be secret.
    let random = RandomState::new().hash_one(0_u8) >> 32;
    let part = u32::try_from(random).map_or(0.0, |random| f64::from(random) / f64::from(u32::MAX));
    longest.mul_f64(part)
}

/// A time from this one to twice as long.
pub(super) fn up_to_twice(shortest: Duration) -> Duration {
    shortest + up_to(shortest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_differ_and_stay_within_their_bounds() {
        let second = Duration::from_secs(1);
        let times: Vec<_> = (0..100).map(|_| up_to_twice(second)).collect();
        assert!(times.iter().all(|time| (second..=2 * second).contains(time)));
        assert!(times.iter().any(|time| *time != times[0]));
    }
}

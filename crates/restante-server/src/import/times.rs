//! When an imported message leaves inbox and archive.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use restante::Expires;
use restante::store::Expiry;

/// From when a message's time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExpireFrom {
    /// When it is imported
    Import,
    /// Its own date: what would have expired since is left out
    Original,
}

/// How long messages stay, and from when on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// When the import began, a whole second.
    now: SystemTime,
    from: ExpireFrom,
    expires: Expires,
}

/// Of one message: what [`prepare`](restante::store::NewMessage::prepare) is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) from: SystemTime,
    pub(super) unread: Expiry,
    /// Its time in the inbox is over before it begins.
    pub(super) read: Expiry,
}

impl Times {
    pub(crate) fn new(now: SystemTime, from: ExpireFrom, expires: Expires) -> Self {
        Self { now: whole_second(now), from, expires }
    }

    /// When the import began.
    pub(super) fn now(&self) -> SystemTime {
        self.now
    }

    /// How long a message of this date stays; `None` if its time is over.
    pub(super) fn stay(&self, date: SystemTime) -> Option<Stay> {
        let from = match self.from {
            ExpireFrom::Import => self.now,
            // A date that is still to come must not keep what was read unread until then.
            ExpireFrom::Original => whole_second(date).min(self.now),
        };
        let unread = match self.expires {
            Expires::Default => Expiry::default(),
            Expires::Never => Expiry { unread: Duration::MAX, all: Duration::MAX },
            Expires::In(after) => Expiry { unread: after, all: after },
            Expires::At(time) => {
                let after = time.duration_since(from).ok()?;
                Expiry { unread: after, all: after }
            }
        };
        let is_over = from.checked_add(unread.all).is_some_and(|end| end <= self.now);
        let read = Expiry { unread: Duration::ZERO, all: unread.all };
        (!is_over).then_some(Stay { from, unread, read })
    }
}

/// Stores round times up to whole seconds, and what was read must not be unread for the rest of one.
fn whole_second(time: SystemTime) -> SystemTime {
    let since = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    UNIX_EPOCH + Duration::from_secs(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn now() -> SystemTime {
        UNIX_EPOCH + DAY * 20_000 + Duration::from_millis(500)
    }

    #[test]
    fn time_is_counted_from_the_import_unless_it_is_not() {
        let times = Times::new(now(), ExpireFrom::Import, Expires::Default);
        let old = times.stay(now() - DAY * 5_000).unwrap();
        assert_eq!((old.from, old.unread), (UNIX_EPOCH + DAY * 20_000, Expiry::default()));
        assert_eq!((old.read.unread, old.read.all), (Duration::ZERO, DAY * 120));

        let times = Times::new(now(), ExpireFrom::Original, Expires::Default);
        assert!(times.stay(now() - DAY * 120).is_none());
        let live = times.stay(now() - DAY * 119).unwrap();
        assert_eq!(live.from, UNIX_EPOCH + DAY * 19_881);
        assert_eq!(times.stay(now() + DAY).unwrap().from, UNIX_EPOCH + DAY * 20_000);
    }

    #[test]
    fn an_expiry_may_be_told() {
        let original = |expires| Times::new(now(), ExpireFrom::Original, expires);
        assert!(original(Expires::Never).stay(UNIX_EPOCH).is_some());
        assert!(original(Expires::In(DAY * 7)).stay(now() - DAY * 8).is_none());
        assert!(original(Expires::In(DAY * 7)).stay(now() - DAY * 6).is_some());
        assert!(original(Expires::At(now() - DAY)).stay(now() - DAY * 6).is_none());
        let week = original(Expires::At(now() + DAY)).stay(now() - DAY * 6).unwrap();
        assert_eq!(week.unread.all.as_secs(), (DAY * 7).as_secs());
    }
}

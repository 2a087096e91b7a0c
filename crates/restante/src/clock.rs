//! Where the time comes from, and how it is written down.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the service takes the time from. A store never asks: each call is told.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now. It may stand still or jump back; positions rise all the same.
    fn now(&self) -> SystemTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Milliseconds since 1970, which is how stores keep times. Times before 1970 count as 1970.
pub(crate) fn to_millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The inverse of [`to_millis`]; negative numbers count as 1970.
pub(crate) fn from_millis(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// RFC 3339 in UTC, as all JSON of this crate writes times.
pub(crate) fn to_rfc3339(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).map_or_else(|_| String::new(), |stamp| stamp.to_string())
}

/// For `#[serde(serialize_with = …)]`.
pub(crate) fn serialize<S: serde::Serializer>(
    time: &SystemTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_rfc3339(*time))
}

/// For `#[serde(serialize_with = …)]` on an optional time.
#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
pub(crate) fn serialize_option<S: serde::Serializer>(
    time: &Option<SystemTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serialize(time, serializer),
        None => serializer.serialize_none(),
    }
}

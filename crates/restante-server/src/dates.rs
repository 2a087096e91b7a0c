//! Times as people read them, and the expiry as they write it.

use std::time::{Duration, SystemTime};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp, Unit, Zoned};
use restante::Expires;
use serde::Serializer;

/// The time in a zone; times that a calendar cannot hold count as 1970.
fn zoned(time: SystemTime, zone: TimeZone) -> Zoned {
    Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone)
}

/// `2026-11-20 09:41`, in the machine's time zone: for a terminal.
pub(crate) fn local(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `2026-11-20T09:41:07Z`: for programs.
pub(crate) fn machine(time: SystemTime) -> String {
    zoned(time, TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Fri 20 Nov 2026, 09:41 UTC`: in full, for a page.
pub(crate) fn full(time: SystemTime) -> String {
    zoned(time, TimeZone::UTC).strftime("%a %-d %b %Y, %H:%M UTC").to_string()
}

/// The day in UTC: pages are cut into days.
pub(crate) fn day(time: SystemTime) -> Date {
    zoned(time, TimeZone::UTC).date()
}

/// `Today, Fri 20 Nov`.
pub(crate) fn day_name(now: SystemTime, date: Date) -> String {
    let today = day(now);
    let name = date.strftime(if date.year() == today.year() { "%a %-d %b" } else { "%-d %b %Y" });
    match days_between(date, today) {
        0 => format!("Today, {name}"),
        1 => format!("Yesterday, {name}"),
        _ => name.to_string(),
    }
}

/// `2 min ago`, `3 h ago`, `yesterday`, `4 days ago`, then the date.
pub(crate) fn ago(now: SystemTime, then: SystemTime) -> String {
    // A message from a clock that is ahead was sent just now.
    let seconds = now.duration_since(then).unwrap_or(Duration::ZERO).as_secs();
    let (date, today) = (day(then), day(now));
    match (days_between(date, today), seconds) {
        (_, ..60) => "just now".to_owned(),
        (_, 60..3600) => format!("{} min ago", seconds / 60),
        (0, _) | (1, ..21_600) => format!("{} h ago", seconds / 3600),
        (1, _) => "yesterday".to_owned(),
        (days @ 2..7, _) => format!("{days} days ago"),
        _ if date.year() == today.year() => date.strftime("%-d %b").to_string(),
        _ => date.strftime("%-d %b %Y").to_string(),
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until((Unit::Day, to)).map_or(0, |span| span.get_days())
}

/// Reads an expiry: `7d`, `36h`, `never`, or an RFC 3339 time.
pub(crate) fn parse_expires(text: &str) -> Result<Expires, String> {
    const RULE: &str = "must be a time span such as `7d` or `36h`, `never`, or a time such as \
                        `2030-01-31T12:00:00Z`";
    if text == "never" {
        return Ok(Expires::Never);
    }
    if let Ok(time) = parse_time(text) {
        return Ok(Expires::At(time));
    }
    match span(text) {
        Ok(Some(after)) => Ok(Expires::In(after)),
        Ok(None) => Err("must lie in the future".to_owned()),
        Err(_) => Err(RULE.to_owned()),
    }
}

/// Reads a span of time: `90s`, `1h`, `7d`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    match span(text) {
        Ok(Some(span)) => Ok(span),
        Ok(None) => Err("must be longer than nothing".to_owned()),
        Err(_) => Err("must be a time span such as `1h` or `7d`".to_owned()),
    }
}

/// Reads an RFC 3339 time.
pub(crate) fn parse_time(text: &str) -> Result<SystemTime, String> {
    let time = text.parse::<Timestamp>();
    time.map(SystemTime::from)
        .map_err(|_| "must be a time such as `2030-01-31T12:00:00Z`".to_owned())
}

/// `None` when it is no longer than nothing. Months and years have no length of their own and are
/// refused.
fn span(text: &str) -> Result<Option<Duration>, jiff::Error> {
    let span = text.parse::<Span>()?.to_duration(SpanRelativeTo::days_are_24_hours())?;
    Ok(Duration::try_from(span).ok().filter(|span| !span.is_zero()))
}

/// A time in JSON.
pub(crate) fn serialize<S: Serializer>(
    time: &SystemTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&machine(*time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> SystemTime {
        time.parse::<Timestamp>().unwrap().into()
    }

    #[test]
    fn times_are_told_as_people_tell_them() {
        let now = at("2026-11-20T09:41:00Z");
        for (then, told) in [
            ("2026-11-20T09:42:00Z", "just now"),
            ("2026-11-20T09:39:00Z", "2 min ago"),
            ("2026-11-20T00:10:00Z", "9 h ago"),
            ("2026-11-19T23:00:00Z", "yesterday"),
            ("2026-11-18T09:41:00Z", "2 days ago"),
            ("2026-11-01T09:41:00Z", "1 Nov"),
            ("2025-11-01T09:41:00Z", "1 Nov 2025"),
        ] {
            assert_eq!(ago(now, at(then)), told, "{then}");
        }
        assert_eq!(ago(at("2026-11-20T01:00:00Z"), at("2026-11-19T23:00:00Z")), "2 h ago");
        assert_eq!(day_name(now, day(now)), "Today, Fri 20 Nov");
        assert_eq!(day_name(now, day(at("2025-12-31T00:00:00Z"))), "31 Dec 2025");
    }

    #[test]
    fn an_expiry_is_a_span_a_time_or_never() {
        let hours = |hours: u64| Ok(Expires::In(Duration::from_secs(hours * 3600)));
        assert_eq!(parse_expires("7d"), hours(7 * 24));
        assert_eq!(parse_expires("36h"), hours(36));
        assert_eq!(parse_expires("1w 2d"), hours(9 * 24));
        assert_eq!(parse_expires("never"), Ok(Expires::Never));
        let time = "2030-01-31T12:00:00+01:00";
        assert_eq!(parse_expires(time), Ok(Expires::At(at("2030-01-31T11:00:00Z"))));
        for bad in ["", "7", "soon", "-1d", "0s", "1mo", "2030-01-31"] {
            assert!(parse_expires(bad).is_err(), "{bad}");
        }
    }
}

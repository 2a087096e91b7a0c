//! Dates as the apps wrote them.

use std::str::FromStr;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The zone in which dates without one were written.
#[derive(Clone, Debug)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    pub(crate) const UTC: Self = Self(TimeZone::UTC);

    /// A date such as `2026-11-20 08:49:00.035597`, with an offset or without; `None` if it is none.
    ///
    /// Where clocks went back, an hour was there twice, and the date is taken for the first; one that
    /// clocks left out is as much later as they went forward. So does Python's `fold=0`.
    pub(super) fn read(&self, written: &str) -> Option<SystemTime> {
        let written = written.trim();
        if let Ok(stamp) = written.parse::<Timestamp>() {
            return Some(stamp.into());
        }
        let naive = written.parse::<DateTime>().ok()?;
        self.0.to_timestamp(naive).ok().map(SystemTime::from)
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let zone = TimeZone::get(name);
        zone.map(Self)
            .map_err(|_| "must be a time zone such as `Europe/Berlin` or `UTC`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(zone: &str, written: &str) -> Option<String> {
        let time = zone.parse::<Zone>().unwrap().read(written)?;
        Some(Timestamp::try_from(time).unwrap().to_string())
    }

    #[test]
    fn dates_have_many_spellings() {
        for (written, meant) in [
            ("2026-11-20 08:49:00.035597", "2026-11-20T08:49:00.035597Z"),
            ("2014-05-06 07:08:09", "2014-05-06T07:08:09Z"),
            ("2014-05-06T07:08:09.123Z", "2014-05-06T07:08:09.123Z"),
            ("2014-05-06T07:08:09Z", "2014-05-06T07:08:09Z"),
            ("2014-05-06T07:08:09.123+02:00", "2014-05-06T05:08:09.123Z"),
            ("2014-05-06 07:08:09+00", "2014-05-06T07:08:09Z"),
            ("2014-05-06T07:08:09.123", "2014-05-06T07:08:09.123Z"),
        ] {
            assert_eq!(stamp("UTC", written).as_deref(), Some(meant), "{written}");
        }
        for bad in ["", "yesterday", "0000-00-00 00:00:00", "2014-13-01 00:00:00", "1399358889"] {
            assert_eq!(stamp("UTC", bad), None, "{bad}");
        }
    }

    #[test]
    fn a_date_without_a_zone_was_written_in_the_one_that_is_named() {
        let berlin = |written| stamp("Europe/Berlin", written).unwrap();
        assert_eq!(berlin("2014-05-06 07:08:09"), "2014-05-06T05:08:09Z");
        assert_eq!(berlin("2014-05-06 07:08:09Z"), "2014-05-06T07:08:09Z");
        // Twice there: the first. Left out: an hour later.
        assert_eq!(berlin("2026-10-25 02:30:00"), "2026-10-25T00:30:00Z");
        assert_eq!(berlin("2026-03-29 02:30:00"), "2026-03-29T01:30:00Z");
        assert!("Europe/Bärlin".parse::<Zone>().is_err());
    }
}

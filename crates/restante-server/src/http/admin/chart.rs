//! What was sent and read by day, drawn with attributes alone: no style is inline.

use std::time::{Duration, SystemTime};

use jiff::civil::Date;
use restante::store::Day;

use super::number::grouped;
use crate::dates;

/// How many days are shown, today included.
pub(super) const DAYS: i64 = 14;
/// A day, in seconds.
const DAY: u64 = 86_400;
/// The height of the drawing and the width of a day in it.
const HEIGHT: u64 = 900;
const WIDTH: i64 = 200;
/// What the axis is cut into.
const STEPS: u64 = 3;

/// The bars and what stands beside them.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) days: Vec<Bars>,
    /// The numbers of the axis, from the top to nothing, and where their lines are.
    pub(super) axis: Vec<(String, u64)>,
    /// The whole width.
    pub(super) width: i64,
}

/// One day.
#[derive(Debug)]
pub(super) struct Bars {
    /// `20 Nov`.
    pub(super) name: String,
    /// What stands below it: the month only where it changes.
    pub(super) short: String,
    pub(super) sent: Bar,
    pub(super) read: Bar,
    pub(super) read_all: String,
}

/// A number and its bar. Places are in tenths, so that they need no fractions.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) told: String,
    pub(super) x: i64,
    pub(super) y: u64,
    pub(super) height: u64,
}

/// From when on days are asked for.
pub(super) fn first_day(now: SystemTime) -> SystemTime {
    now.checked_sub(Duration::from_secs(DAY * (DAYS.unsigned_abs() - 1))).unwrap_or(now)
}

/// What was done today.
pub(super) fn today(now: SystemTime, days: &[Day]) -> Day {
    let today = day_number(now);
    days.iter().copied().find(|day| day.day == today).unwrap_or_default()
}

impl Chart {
    /// Days on which nothing was done are not among `days` and are drawn all the same.
    pub(super) fn new(now: SystemTime, days: &[Day]) -> Self {
        let first = day_number(first_day(now));
        let of = |number| {
            let found = days.iter().copied().find(|day| day.day == number);
            found.unwrap_or(Day { day: number, ..Day::default() })
        };
        let days: Vec<_> = (first..first + DAYS).map(of).collect();
        let most = days.iter().map(|day| day.sent.max(day.read)).max().unwrap_or(0);
        let top = round_top(most);
        let bars = days.iter().zip(0..).map(|(day, at)| Bars::new(now, *day, at, top)).collect();
        let axis =
            (0..=STEPS).map(|step| (short(top / STEPS * (STEPS - step)), HEIGHT / STEPS * step));
        Self { days: bars, axis: axis.collect(), width: WIDTH * DAYS }
    }
}

impl Bars {
    fn new(now: SystemTime, day: Day, at: i64, top: u64) -> Self {
        let back = (DAYS - 1 - at).unsigned_abs();
        let time = now.checked_sub(Duration::from_secs(DAY * back)).unwrap_or(now);
        let date: Date = dates::day(time);
        let short = if at == 0 || date.day() == 1 { "%-d %b" } else { "%-d" };
        Self {
            name: date.strftime("%-d %b").to_string(),
            short: date.strftime(short).to_string(),
            sent: Bar::new(day.sent, WIDTH * at + 30, top),
            read: Bar::new(day.read, WIDTH * at + 105, top),
            read_all: grouped(day.read_all),
        }
    }
}

impl Bar {
    fn new(number: u64, x: i64, top: u64) -> Self {
        let mut height = number.saturating_mul(HEIGHT) / top;
        // Something is never drawn as nothing.
        if number > 0 {
            height = height.max(5);
        }
        Self { told: grouped(number), x, y: HEIGHT.saturating_sub(height), height }
    }
}

/// Days since 1970.
fn day_number(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs() / DAY).unwrap_or(0)
}

/// The end of the axis: at least the highest, and three round steps.
fn round_top(most: u64) -> u64 {
    let mut ten: u64 = 1;
    loop {
        for step in [1, 2, 3, 5] {
            let top = ten.saturating_mul(step).saturating_mul(STEPS);
            if top >= most || top == u64::MAX {
                return top;
            }
        }
        ten = ten.saturating_mul(10);
    }
}

/// `6k`: the axis has little room.
fn short(number: u64) -> String {
    match number {
        0..10_000 if !number.is_multiple_of(1_000) => grouped(number),
        0..1_000_000 if number >= 1_000 => format!("{}k", number / 1_000),
        0..1_000 => number.to_string(),
        _ => format!("{}M", grouped(number / 1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        // 2026-11-20.
        SystemTime::UNIX_EPOCH + Duration::from_secs(20_777 * DAY + 34_860)
    }

    #[test]
    fn every_day_is_there_and_the_highest_fits() {
        let days = [
            Day { day: 20_774, sent: 8_412, read: 6_204, read_all: 3 },
            Day { day: 20_777, sent: 1, read: 0, read_all: 0 },
        ];
        let chart = Chart::new(now(), &days);
        assert_eq!(chart.days.len(), 14);
        let axis = [("9k", 0), ("6k", 300), ("3k", 600), ("0", 900)];
        assert_eq!(chart.axis, axis.map(|(told, y)| (told.to_owned(), y)));
        assert_eq!((chart.days[0].short.as_str(), chart.days[13].short.as_str()), ("7 Nov", "20"));
        let high = &chart.days[10];
        assert_eq!((high.name.as_str(), high.sent.told.as_str()), ("17 Nov", "8,412"));
        assert_eq!(high.sent.y + high.sent.height, HEIGHT);
        assert!(high.read.height < high.sent.height && high.sent.height < HEIGHT);
        assert_eq!((chart.days[13].sent.height, chart.days[13].read.height), (5, 0));
        assert_eq!(today(now(), &days).sent, 1);
        assert_eq!(today(now(), &days[..1]), Day::default());
    }

    #[test]
    fn an_axis_is_round_and_short() {
        let tops = [0, 3, 4, 16, 8_412, 3_000_000].map(round_top);
        assert_eq!(tops, [3, 3, 6, 30, 9_000, 3_000_000]);
        let told = [0, 500, 1_500, 5_000, 15_000, 2_000_000].map(short);
        assert_eq!(told, ["0", "500", "1,500", "5k", "15k", "2M"]);
    }
}

use std::fmt;

use serde_json::{Value, json};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    PerSecond,
    Milliseconds,
    Microseconds,
    Bytes,
}

/// What was hoped for: of the ratio where there is a baseline, else of the figure itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    unit: Unit,
    ours: f64,
    baseline: Option<f64>,
    goal: Option<Goal>,
}

impl Row {
    pub(crate) fn new(name: impl Into<String>, unit: Unit, ours: f64) -> Self {
        Self { name: name.into(), unit, ours, baseline: None, goal: None }
    }

    pub(crate) fn over(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    pub(crate) fn goal(mut self, goal: impl Into<Option<Goal>>) -> Self {
        self.goal = goal.into();
        self
    }

    fn ratio(&self) -> Option<f64> {
        Some(self.ours / self.baseline?)
    }

    fn is_met(&self) -> Option<bool> {
        let value = self.ratio().unwrap_or(self.ours);
        Some(match self.goal? {
            Goal::AtLeast(least) => value >= least,
            Goal::AtMost(most) => value <= most,
        })
    }

    fn cells(&self) -> [String; 6] {
        let figure = |value: f64| match self.unit {
            Unit::PerSecond => format!("{} /s", short(value)),
            Unit::Milliseconds => format!("{} ms", short(value)),
            Unit::Microseconds => format!("{} µs", short(value)),
            Unit::Bytes => format!("{} B", short(value)),
        };
        let unit = if self.baseline.is_some() {
            " ×".to_owned()
        } else {
            figure(f64::NAN).replace("NaN", "")
        };
        [
            self.name.clone(),
            figure(self.ours),
            self.baseline.map(figure).unwrap_or_default(),
            self.ratio().map(|ratio| format!("{} ×", short(ratio))).unwrap_or_default(),
            match self.goal {
                Some(Goal::AtLeast(least)) => format!("≥ {least}{unit}"),
                Some(Goal::AtMost(most)) => format!("≤ {most}{unit}"),
                None => String::new(),
            },
            match self.is_met() {
                Some(true) => "met".to_owned(),
                Some(false) => "MISSED".to_owned(),
                None => String::new(),
            },
        ]
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "unit": match self.unit {
                Unit::PerSecond => "1/s",
                Unit::Milliseconds => "ms",
                Unit::Microseconds => "us",
                Unit::Bytes => "B",
            },
            "ours": self.ours,
            "baseline": self.baseline,
            "ratio": self.ratio(),
            "at_least": match self.goal { Some(Goal::AtLeast(least)) => Some(least), _ => None },
            "at_most": match self.goal { Some(Goal::AtMost(most)) => Some(most), _ => None },
            "met": self.is_met(),
        })
    }
}

/// Three digits that mean something, thousands apart.
fn short(value: f64) -> String {
    if value >= 1000.0 {
        let digits = format!("{value:.0}");
        let mut out = String::new();
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    } else if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// The rows of all measurements; shown as Markdown.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn extend(&mut self, rows: Vec<Row>) {
        self.0.extend(rows);
    }

    pub(crate) fn to_json(&self) -> Value {
        self.0.iter().map(Row::to_json).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["measurement", "ours", "baseline", "ratio", "goal", ""].map(str::to_owned);
        let lines: Vec<_> = std::iter::once(heads).chain(self.0.iter().map(Row::cells)).collect();
        let width = |column: usize| {
            lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default().max(3)
        };
        let widths: [usize; 6] = std::array::from_fn(width);
        for (number, line) in lines.iter().enumerate() {
            for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
                if (1..4).contains(&column) {
                    write!(f, "| {cell:>width$} ")?;
                } else {
                    write!(f, "| {cell:<width$} ")?;
                }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (column, width) in widths.into_iter().enumerate() {
                    let end = if (1..4).contains(&column) { ":" } else { "-" };
                    write!(f, "|{}{end}", "-".repeat(width + 1))?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_held_against_the_ratio_or_the_figure() {
        let row = |ours| Row::new("r", Unit::PerSecond, ours);
        assert_eq!(row(6.0).over(1.0).goal(Goal::AtLeast(6.0)).is_met(), Some(true));
        assert_eq!(row(6.0).over(2.0).goal(Goal::AtLeast(6.0)).is_met(), Some(false));
        assert_eq!(row(33.0).goal(Goal::AtMost(32.0)).is_met(), Some(false));
        assert_eq!(row(33.0).over(1.0).is_met(), None);
        assert_eq!(row(f64::NAN).goal(Goal::AtMost(32.0)).is_met(), Some(false));
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(short(61_234.5), "61,234");
        assert_eq!(short(1_000_000.0), "1,000,000");
        assert_eq!(short(44.04), "44.0");
        assert_eq!(short(0.75), "0.75");
    }
}

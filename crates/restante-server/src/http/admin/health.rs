//! How the server and its store are, as far as this process can tell now.

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use restante::store::Load;

use super::number::{counted, grouped};
use crate::http::App;

/// How long the store may take to say what waits; as long as `/readyz` waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is slow for a question of a few rows.
const SLOW: Duration = Duration::from_millis(250);

/// One line of the list.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) about: String,
    pub(super) state: &'static str,
    /// The style and icon of the state.
    pub(super) style: &'static str,
    pub(super) icon: &'static str,
}

impl Line {
    fn new(what: impl Into<String>, about: String, state: State) -> Self {
        let (state, style, icon) = match state {
            State::Good => ("Good", "success", "success"),
            State::Busy => ("Busy", "info", "info"),
            State::Look(word) => (word, "warning", "warning"),
            State::Bad(word) => (word, "error", "error"),
        };
        Self { what: what.into(), about, state, style, icon }
    }
}

#[derive(Clone, Copy)]
enum State {
    Good,
    Busy,
    Look(&'static str),
    Bad(&'static str),
}

/// Asks the store, and tells what it said. Without an answer there is one line that says so.
pub(super) async fn look(app: &App) -> (Vec<Line>, Option<Load>) {
    let name = format!("{} store", store_name(app.store().name()));
    let began = Instant::now();
    match tokio::time::timeout(PATIENCE, app.store().load()).await {
        Ok(Ok(load)) => (lines(name, began.elapsed(), load), Some(load)),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn StdError, "the store does not say what waits");
            let about = "does not work; the log says why".to_owned();
            (vec![Line::new(name, about, State::Bad("Failing"))], None)
        }
        Err(_) => {
            let about = "did not answer within 2 s".to_owned();
            (vec![Line::new(name, about, State::Bad("Away"))], None)
        }
    }
}

fn lines(name: String, took: Duration, load: Load) -> Vec<Line> {
    let state = if took < SLOW { State::Good } else { State::Look("Slow") };
    let store = Line::new(name, format!("ready, answers in {}", told(took)), state);
    let waiting = format!("{} waiting", counted(load.outbox_waiting, "row"));
    let outbox = if load.outbox_refused > 0 {
        let refused = grouped(load.outbox_refused);
        Line::new("Outbox", format!("{waiting}, {refused} refused"), State::Look("Look"))
    } else {
        Line::new("Outbox", waiting, State::Good)
    };
    let lists = match load.parts_waiting {
        0 => Line::new("Long lists", "all delivered".to_owned(), State::Good),
        parts => {
            let about = format!("{} to be delivered", counted(parts, "part"));
            Line::new("Long lists", about, State::Busy)
        }
    };
    let mut lines = vec![store, outbox, lists];
    if load.groups > 0 {
        let writes = counted(load.grouped_writes, "write");
        let about = format!("{writes} in {} since the start", counted(load.groups, "group"));
        lines.push(Line::new("Group commit", about, State::Good));
    }
    lines
}

/// Its name as its makers write it.
pub(super) fn store_name(name: &str) -> &str {
    match name {
        "sqlite" => "SQLite",
        "postgres" => "PostgreSQL",
        "mysql" => "MySQL",
        "redis" => "Redis",
        "memory" => "Memory",
        other => other,
    }
}

fn told(took: Duration) -> String {
    let micros = took.as_micros();
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!("{} ms", micros / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_told_and_what_was_refused_stands_out() {
        let load =
            Load { outbox_waiting: 1, outbox_refused: 2, parts_waiting: 3, ..Load::default() };
        let told: Vec<_> = lines("X store".into(), Duration::from_micros(230), load)
            .into_iter()
            .map(|line| (line.about, line.state))
            .collect();
        assert_eq!(told[0], ("ready, answers in 230 µs".to_owned(), "Good"));
        assert_eq!(told[1], ("1 row waiting, 2 refused".to_owned(), "Look"));
        assert_eq!(told[2], ("3 parts to be delivered".to_owned(), "Busy"));
        assert_eq!(told.len(), 3, "a store that does not gather says nothing of groups");
        let slow = lines("X store".into(), SLOW, Load::default());
        assert_eq!((slow[0].state, slow[0].about.as_str()), ("Slow", "ready, answers in 250 ms"));
    }
}

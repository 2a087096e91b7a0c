//! The form as a page shows it, with what the reader will see beside it.

use std::time::SystemTime;

use askama::Template;
use restante::store::Expiry;
use restante::{Expires, Level, limits};

use super::check::{self, Wrong};
use super::typed::Typed;
use crate::dates;
use crate::http::admin::level::LevelView;
use crate::http::admin::number::{counted, grouped};
use crate::http::admin::shell::Shell;
use crate::http::link::Link;

/// The form.
#[derive(Template)]
#[template(path = "admin/compose.html")]
pub(super) struct ComposePage {
    pub(super) shell: Shell,
    pub(super) typed: Typed,
    pub(super) wrong: Vec<Wrong>,
    pub(super) levels: Vec<Choice>,
    pub(super) preview: Preview,
    /// Whether a file came along, which no page can choose again by itself.
    pub(super) had_file: bool,
    /// How long the text is, and how long it may be.
    pub(super) text_bytes: (String, String),
    pub(super) default_expiry: String,
}

/// Asks again before everyone gets it.
#[derive(Template)]
#[template(path = "admin/everyone.html")]
pub(super) struct EveryonePage {
    pub(super) shell: Shell,
    pub(super) carried: Vec<(&'static str, String)>,
    pub(super) newcomers: bool,
    pub(super) preview: Preview,
}

/// A level to choose.
pub(super) struct Choice {
    value: &'static str,
    word: &'static str,
    style: &'static str,
    icon: &'static str,
    is_chosen: bool,
}

/// The message as its reader will see it, as far as it is good.
pub(super) struct Preview {
    level: LevelView,
    text: String,
    tags: Vec<String>,
    link: Option<Link>,
    reaches: String,
    expires: String,
}

/// Whom the message reaches, as far as that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaches {
    NotKnown,
    Users(usize),
    Everyone,
}

const LEVELS: [(&str, &str, &str, &str); 6] = [
    ("info", "Info", "info", "info"),
    ("success", "Success", "success", "success"),
    ("warning", "Warning", "warning", "warning"),
    ("error", "Error", "error", "error"),
    ("debug", "Debug", "debug", "debug"),
    ("custom", "Number", "custom", "tag"),
];

impl ComposePage {
    pub(super) fn new(
        shell: Shell,
        now: SystemTime,
        typed: Typed,
        reaches: Reaches,
        wrong: Vec<Wrong>,
    ) -> Self {
        let chosen = |value: &str| typed.level == value;
        let levels = LEVELS.map(|(value, word, style, icon)| Choice {
            is_chosen: chosen(value),
            value,
            word,
            style,
            icon,
        });
        Self {
            shell,
            levels: levels.into(),
            preview: Preview::new(now, &typed, reaches),
            text_bytes: (
                bytes(typed.message.replace("\r\n", "\n").len()),
                bytes(limits::TEXT_BYTES),
            ),
            default_expiry: default_expiry(),
            had_file: false,
            wrong,
            typed,
        }
    }

    /// What is wrong with a field; nothing with most.
    fn error(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.why.as_str())
    }

    fn is_to(&self, to: &str) -> bool {
        self.typed.to == to
    }

    fn expires(&self, expires: &str) -> bool {
        self.typed.expires == expires
    }
}

impl Preview {
    pub(super) fn new(now: SystemTime, typed: &Typed, reaches: Reaches) -> Self {
        Self {
            level: check::level(typed).unwrap_or(Level::INFO).into(),
            text: typed.message.replace("\r\n", "\n"),
            tags: typed.tags.split_whitespace().map(str::to_owned).collect(),
            link: Link::new(typed.url.trim()),
            reaches: match reaches {
                Reaches::NotKnown => "–".to_owned(),
                Reaches::Users(users) => counted(users as u64, "user"),
                Reaches::Everyone => "everyone".to_owned(),
            },
            expires: match check::expires(typed) {
                Err(_) => "–".to_owned(),
                Ok(Expires::Default) => default_expiry(),
                Ok(Expires::Never) => "never".to_owned(),
                Ok(Expires::At(time)) => dates::full(time),
                Ok(Expires::In(after)) => {
                    now.checked_add(after).map_or("never".to_owned(), dates::full)
                }
            },
        }
    }
}

fn bytes(number: usize) -> String {
    grouped(number as u64)
}

/// How long a message stays that does not say so itself.
fn default_expiry() -> String {
    let days = |time: std::time::Duration| time.as_secs() / 86_400;
    let Expiry { unread, all } = Expiry::default();
    format!("{} days unread, {} at most", days(unread), days(all))
}

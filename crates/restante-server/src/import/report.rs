//! What an import did: numbers, and where to look at what was left out.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::App;

/// How many places are named for each reason.
const EXAMPLES: usize = 5;

/// What was found, and what became of it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Whether nothing was written.
    pub(crate) dry_run: bool,
    /// Whose tables or lists are there.
    pub(crate) apps: Vec<App>,
    /// Messages that were read.
    pub(crate) found: u64,
    /// What was sent, or would be.
    pub(crate) imported: Imported,
    /// Messages that an earlier run had sent.
    pub(crate) already_imported: u64,
    pub(crate) skipped: Tally<Reason>,
    pub(crate) changed: Tally<Change>,
}

/// What was sent: messages, and to how many inboxes and archives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Imported {
    pub(crate) messages: u64,
    pub(crate) unread: u64,
    pub(crate) read: u64,
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    NoRecipient,
    NoMessage,
    Duplicate,
    User,
    NoText,
    LongText,
    Level,
    Date,
    Expired,
    Malformed,
    NoList,
    Refused,
}

/// What was left out of a message that was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Characters,
    Controls,
    Tags,
    Url,
    Date,
}

/// A reason as it is told.
pub(crate) trait Told: Copy + Ord + Serialize {
    /// What is counted: `message`.
    fn what(self) -> &'static str;
    /// What is the matter with each: `in nobody's inbox or archive`.
    fn why(self) -> &'static str;
}

impl Told for Reason {
    fn what(self) -> &'static str {
        match self {
            Self::NoMessage | Self::Duplicate | Self::User => "recipient",
            Self::NoList => "key",
            _ => "message",
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::NoRecipient => "in nobody's inbox or archive",
            Self::NoMessage => "of a message that is not there",
            Self::Duplicate => "there more than once",
            Self::User => "whose id cannot be one",
            Self::NoText => "without text",
            Self::LongText => "whose text is longer than 16 KiB",
            Self::Level => "whose level is no number of 32 bits",
            Self::Date => "whose date cannot be read",
            Self::Expired => "that would have expired",
            Self::Malformed => "that cannot be read",
            Self::NoList => "that is not a list",
            Self::Refused => "that breaks another rule",
        }
    }
}

impl Told for Change {
    fn what(self) -> &'static str {
        "message"
    }

    fn why(self) -> &'static str {
        match self {
            Self::Characters => "with \u{fffd} for bytes that are no UTF-8",
            Self::Controls => "without control characters that were in the text",
            Self::Tags => "without tags that are too long, or too many",
            Self::Url => "without a url that is no http, https or path, or is too long",
            Self::Date => "with the date 1970-01-01 for one that is older",
        }
    }
}

/// One reason, how often it applied and where.
#[derive(Debug, Serialize)]
pub(crate) struct Line<'a, T> {
    reason: T,
    pub(crate) count: u64,
    /// What is counted: `message`.
    pub(crate) what: &'static str,
    /// What is the matter with each.
    pub(crate) why: &'static str,
    /// The first places where it did.
    pub(crate) places: &'a [String],
}

/// How often each reason applied, and where it did first.
#[derive(Clone, Debug)]
pub(crate) struct Tally<T>(BTreeMap<T, Times>);

#[derive(Clone, Debug, Default)]
struct Times {
    count: u64,
    places: Vec<String>,
}

impl<T: Told> Tally<T> {
    pub(super) fn add(&mut self, reason: T, count: u64, place: &str) {
        if count == 0 {
            return;
        }
        let times = self.0.entry(reason).or_default();
        times.count += count;
        if times.places.len() < EXAMPLES && !place.is_empty() {
            times.places.push(place.to_owned());
        }
    }

    /// One line for each reason.
    pub(crate) fn lines(&self) -> Vec<Line<'_, T>> {
        self.0
            .iter()
            .map(|(reason, Times { count, places })| Line {
                reason: *reason,
                count: *count,
                what: reason.what(),
                why: reason.why(),
                places,
            })
            .collect()
    }
}

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Told> Serialize for Tally<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.lines())
    }
}

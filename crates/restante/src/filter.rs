//! What to list: the view, where to begin, and which messages.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::{has_control, has_forbidden_control};
use crate::{Cursor, Error, Level, Message, limits};

/// Which of a user's items are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The inbox: what is unread.
    #[default]
    Unread,
    /// Everything that the user received, read or not.
    Archive,
}

impl fmt::Display for View {
    /// `unread` or `archive`; [`FromStr`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unread => "unread",
            Self::Archive => "archive",
        })
    }
}

impl FromStr for View {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "unread" => Ok(Self::Unread),
            "archive" => Ok(Self::Archive),
            _ => Err(Error::invalid("view", "must be `unread` or `archive`")),
        }
    }
}

/// What to list: the view, where to begin, how much, and which items.
///
/// ```
/// use restante::{Filter, Level};
///
/// let unread = Filter::unread();
/// let errors = Filter::archive().level(Level::ERROR).limit(50);
/// # let _ = (unread, errors);
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    /// Inbox or archive.
    pub view: View,
    /// The `next` of the page before.
    pub after: Option<Cursor>,
    /// At most this many items, 1–100; 20 unless told otherwise.
    pub limit: usize,
    /// Only this level. One of the five usual levels also matches its stored twin.
    pub level: Option<Level>,
    /// Only messages that have this extra tag.
    pub tag: Option<String>,
    /// Only messages whose text holds this, upper or lower case.
    pub q: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self { view: View::Unread, after: None, limit: 20, level: None, tag: None, q: None }
    }
}

impl Filter {
    /// The inbox from its newest item.
    pub fn unread() -> Self {
        Self::default()
    }

    /// The archive from its newest item.
    pub fn archive() -> Self {
        Self { view: View::Archive, ..Self::default() }
    }

    /// Begins after the page that gave this cursor.
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// At most this many items.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Only this level and its stored twin.
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Only messages with this extra tag.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Only messages whose text holds this.
    pub fn containing(mut self, text: impl Into<String>) -> Self {
        self.q = Some(text.into());
        self
    }

    /// For stores: the filter in the form in which messages are held against it.
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher {
            level: self.level,
            tag: self.tag.as_deref(),
            q: self.q.as_deref().map(str::to_lowercase),
        }
    }

    /// Whether messages must be looked at to tell which to list.
    pub(crate) fn is_selective(&self) -> bool {
        self.level.is_some() || self.tag.is_some() || self.q.is_some()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.limit == 0 {
            return Err(Error::invalid("limit", "a page has at least 1 item"));
        }
        if self.limit > limits::PAGE_ITEMS {
            return Err(Error::too_large("limit", "a page has at most 100 items"));
        }
        if self.tag.as_ref().is_some_and(|tag| tag.len() > limits::TAG_BYTES) {
            return Err(Error::too_large("tag", "a tag is at most 64 bytes"));
        }
        if self.q.as_ref().is_some_and(|q| q.len() > limits::QUERY_BYTES) {
            return Err(Error::too_large("q", "a search text is at most 255 bytes"));
        }
        if self.tag.as_deref().is_some_and(has_control) {
            return Err(Error::invalid("tag", "a tag holds no control characters"));
        }
        if self.q.as_deref().is_some_and(has_forbidden_control) {
            return Err(Error::invalid(
                "q",
                "a search text cannot hold control characters other than newline and tab",
            ));
        }
        Ok(())
    }
}

/// The part of a [`Filter`] that looks at messages. The same on every store.
#[derive(Clone, Debug)]
pub struct Matcher<'a> {
    level: Option<Level>,
    tag: Option<&'a str>,
    q: Option<String>,
}

impl Matcher<'_> {
    /// Whether the filter leaves this message in.
    pub fn matches(&self, message: &Message) -> bool {
        let level = self
            .level
            .is_none_or(|level| message.level() == level || message.level() == level.stored());
        level
            && self.tag.is_none_or(|tag| message.tags().any(|t| t == tag))
            && self.q.as_ref().is_none_or(|q| message.text().to_lowercase().contains(q.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_matches_its_stored_twin() {
        let message = |level| Message::new(level, "x");
        let info = Filter::unread().level(Level::INFO);
        assert!(info.matcher().matches(&message(Level::INFO)));
        assert!(info.matcher().matches(&message(Level::STORED_INFO)));
        assert!(!info.matcher().matches(&message(Level::WARNING)));
        let twin = Filter::unread().level(Level::STORED_INFO);
        assert!(!twin.matcher().matches(&message(Level::INFO)));
    }

    #[test]
    fn a_tag_matches_whole_and_a_text_in_any_case() {
        let message = Message::info("Größe geändert").tag("size").tag("profile");
        let matches = |filter: Filter| filter.matcher().matches(&message);
        assert!(matches(Filter::unread().tag("profile")));
        assert!(!matches(Filter::unread().tag("prof")));
        assert!(matches(Filter::unread().containing("GEÄNDERT")));
        assert!(!matches(Filter::unread().containing("gelöscht")));
    }
}

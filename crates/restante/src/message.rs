//! What is said: text, level, tags, url, data and expiry.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde_json::value::RawValue;

use crate::text::{has_control, has_forbidden_control, normalize_newlines};
use crate::{Error, Level, data, limits};

/// What is said to a user: plain text with a level, and what goes with it.
///
/// A message is a value without recipients and without a store. Its parts are checked when it is
/// sent, so that building one never fails. Two messages are equal when level and text are, as in
/// Django.
///
/// ```
/// use restante::{Level, Message};
/// use std::time::Duration;
///
/// let message = Message::success("Your order has shipped")
///     .stored()
///     .url("/orders/7")
///     .tag("orders")
///     .data(serde_json::json!({ "order": 7 }))
///     .expires_in(Duration::from_secs(7 * 86_400));
/// assert_eq!(message.level(), Level::SUCCESS);
/// assert_eq!(message.tags().collect::<Vec<_>>(), ["orders"]);
/// ```
#[derive(Clone, Debug)]
pub struct Message {
    level: Level,
    text: String,
    /// Joined by single spaces; no tag holds one once the message is checked.
    tags: String,
    url: Option<String>,
    data: Option<Box<RawValue>>,
    expires: Expires,
    is_stored: bool,
    /// How often `tag` was called: a tag that is empty or holds a space must not go unnoticed.
    tag_count: usize,
}

/// When a message leaves inbox and archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expires {
    /// As the service is configured: by default 30 days unread, 120 days in all.
    #[default]
    Default,
    /// Never.
    Never,
    /// This long after it was sent.
    In(Duration),
    /// At this time.
    At(SystemTime),
}

impl Message {
    /// A message of any level.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            level,
            text: text.into(),
            tags: String::new(),
            url: None,
            data: None,
            expires: Expires::Default,
            is_stored: false,
            tag_count: 0,
        }
    }

    /// A message for developers.
    pub fn debug(text: impl Into<String>) -> Self {
        Self::new(Level::DEBUG, text)
    }

    /// Something the user may want to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Level::INFO, text)
    }

    /// What the user asked for was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self::new(Level::SUCCESS, text)
    }

    /// Something may go wrong.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::WARNING, text)
    }

    /// Something went wrong.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Level::ERROR, text)
    }

    /// Keep it until it is read, where it would otherwise be a flash. The level stays as it is.
    pub fn stored(mut self) -> Self {
        self.is_stored = true;
        self
    }

    /// Adds an extra tag: 1–64 bytes without white space; at most 16.
    pub fn tag(mut self, tag: impl AsRef<str>) -> Self {
        if self.tag_count > 0 {
            self.tags.push(' ');
        }
        self.tags.push_str(tag.as_ref());
        self.tag_count += 1;
        self
    }

    /// Where the message leads: http, https or a path; at most 2,000 characters.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// JSON for programs that read the message; at most 8 KiB as written, nested at most 32 deep.
    pub fn data(mut self, data: impl Into<serde_json::Value>) -> Self {
        let data: serde_json::Value = data.into();
        self.data = serde_json::value::to_raw_value(&data).ok();
        self
    }

    /// JSON text for programs that read the message, kept as it is written; limited as
    /// [`data`](Self::data) is.
    ///
    /// # Errors
    /// `Invalid` for the field `data` when it is not JSON, or holds a number or text that programs
    /// cannot read; `TooLarge` when it is too long or too deep.
    pub fn data_json(mut self, json: impl Into<String>) -> Result<Self, Error> {
        let raw = RawValue::from_string(json.into()).map_err(data::invalid)?;
        data::check_size(&raw)?;
        data::check_readable(&raw)?;
        self.data = Some(raw);
        Ok(self)
    }

    /// Leaves inbox and archive this long after it was sent.
    pub fn expires_in(mut self, after: Duration) -> Self {
        self.expires = Expires::In(after);
        self
    }

    /// Leaves inbox and archive at this time. One in the past is refused when it is sent.
    pub fn expires_at(mut self, time: impl Into<SystemTime>) -> Self {
        self.expires = Expires::At(time.into());
        self
    }

    /// Stays until it is retracted.
    pub fn never_expires(mut self) -> Self {
        self.expires = Expires::Never;
        self
    }

    /// How urgent it is.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The text, plain: whoever shows it escapes it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The extra tags, in the order given.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.split(' ').filter(|tag| !tag.is_empty())
    }

    /// The extra tags joined by spaces: Django's `extra_tags`.
    pub fn extra_tags(&self) -> &str {
        &self.tags
    }

    /// Django's `tags`: the extra tags and a level's tag, joined by one space.
    pub(crate) fn tags_with(&self, level_tag: &str) -> String {
        match (self.extra_tags(), level_tag) {
            ("", tags) | (tags, "") => tags.to_owned(),
            (extra, level) => format!("{extra} {level}"),
        }
    }

    /// Where it leads.
    pub fn link(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Its JSON data as written.
    pub fn raw_data(&self) -> Option<&RawValue> {
        self.data.as_deref()
    }

    /// When it leaves.
    pub fn expires(&self) -> Expires {
        self.expires
    }

    /// Whether it asks to be kept until it is read.
    pub fn is_stored(&self) -> bool {
        self.is_stored
    }

    /// The message as a store gives it back, from parts that were checked when it was sent.
    ///
    /// `tags` are joined by single spaces; `data` that is not JSON is left out.
    pub fn from_stored(
        level: Level,
        text: impl Into<String>,
        tags: impl Into<String>,
        url: Option<String>,
        data: Option<String>,
    ) -> Self {
        let tags = tags.into();
        Self {
            level,
            text: text.into(),
            tag_count: tags.split(' ').filter(|tag| !tag.is_empty()).count(),
            tags,
            url,
            data: data.and_then(|json| RawValue::from_string(json).ok()),
            expires: Expires::Default,
            is_stored: true,
        }
    }

    /// The message as a flash: what must not be shown is left out, rather than the whole refused.
    /// Control characters go from the text; a bad url, data or tag goes and is logged. `None` when
    /// there is no text.
    #[cfg(feature = "flash")]
    pub(crate) fn for_flash(mut self) -> Option<Self> {
        if let std::borrow::Cow::Owned(text) = normalize_newlines(&self.text) {
            self.text = text;
        }
        if has_forbidden_control(&self.text) {
            self.text.retain(|c| !c.is_control() || c == '\n' || c == '\t');
        }
        if self.text.is_empty() {
            return None;
        }
        if let Err(error) = self.check_tags() {
            tracing::warn!(%error, "a message's tags were left out");
            self.tags.clear();
            self.tag_count = 0;
        }
        if let Some(error) = self.url.as_deref().and_then(|url| check_url(url).err()) {
            tracing::warn!(%error, "a message's url was left out");
            self.url = None;
        }
        if let Some(error) = self.data.as_deref().and_then(|data| data::check_size(data).err()) {
            tracing::warn!(%error, "a message's data was left out");
            self.data = None;
        }
        Some(self)
    }

    /// The same message, asking to be stored or not.
    #[cfg(feature = "flash")]
    pub(crate) fn with_stored(mut self, is_stored: bool) -> Self {
        self.is_stored = is_stored;
        self
    }

    /// Checks every part against the limits and normalises the text's newlines.
    ///
    /// # Errors
    /// `Invalid` or `TooLarge` for the field `message`, `tags`, `url` or `data`.
    pub(crate) fn check(mut self) -> Result<Self, Error> {
        if let std::borrow::Cow::Owned(text) = normalize_newlines(&self.text) {
            self.text = text;
        }
        if self.text.is_empty() {
            return Err(Error::invalid("message", "the text cannot be empty"));
        }
        if self.text.len() > limits::TEXT_BYTES {
            return Err(Error::too_large("message", "the text is at most 16 KiB"));
        }
        if has_forbidden_control(&self.text) {
            return Err(Error::invalid(
                "message",
                "the text cannot hold control characters other than newline and tab",
            ));
        }
        self.check_tags()?;
        if let Some(url) = &self.url {
            check_url(url)?;
        }
        if let Some(data) = &self.data {
            data::check_size(data)?;
        }
        Ok(self)
    }

    fn check_tags(&self) -> Result<(), Error> {
        if self.tag_count > limits::TAGS {
            return Err(Error::too_large("tags", "a message has at most 16 tags"));
        }
        if self.tag_count == 0 {
            return Ok(());
        }
        let mut count = 0;
        for tag in self.tags.split(' ') {
            count += 1;
            if tag.is_empty() || has_control(tag) || tag.contains(char::is_whitespace) {
                return Err(Error::invalid(
                    "tags",
                    "a tag is at least one character and holds no spaces or control characters",
                ));
            }
            if tag.len() > limits::TAG_BYTES {
                return Err(Error::too_large("tags", "a tag is at most 64 bytes"));
            }
        }
        if count != self.tag_count {
            return Err(Error::invalid("tags", "a tag holds no spaces"));
        }
        Ok(())
    }
}

/// A link is http, https or a path on the same host. `//host` and `/\host` lead elsewhere in a
/// browser and are refused with every other scheme.
fn check_url(url: &str) -> Result<(), Error> {
    if url.chars().count() > limits::URL_CHARS {
        return Err(Error::too_large("url", "a url is at most 2,000 characters"));
    }
    let scheme_end = url.find("://").map(|at| url[..at].to_ascii_lowercase());
    let leads_on = match scheme_end.as_deref() {
        Some("http") => has_host(&url[7..]),
        Some("https") => has_host(&url[8..]),
        _ => url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\"),
    };
    if !leads_on || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::invalid(
            "url",
            "must be http, https or a path that begins with one `/`",
        ));
    }
    Ok(())
}

fn has_host(rest: &str) -> bool {
    !rest.is_empty() && !rest.starts_with(['/', '\\', '?', '#'])
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.level == other.level && self.text == other.text
    }
}

impl Eq for Message {}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;

//! Which characters a text may hold.

use std::borrow::Cow;

/// Whether `text` holds a control character of any kind.
pub(crate) fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// The text of a message as it is kept: CRLF becomes LF.
pub(crate) fn normalize_newlines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// Whether a normalised text holds a control character other than newline and tab.
pub(crate) fn has_forbidden_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

//! A message as the source has it.

use super::App;

/// A message with its recipients, before anything is judged.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) app: App,
    /// Where it was, for whoever wants to look: `stored_messages_message 6`.
    pub(super) place: String,
    /// What tells it from others with the same content: its id, where it has one.
    pub(super) id: String,
    pub(super) level: Level,
    pub(super) text: Text,
    pub(super) tags: Text,
    pub(super) url: Option<Text>,
    /// As it is written there; `None` where the app keeps no dates.
    pub(super) date: Option<String>,
    /// Users as they are written there, each perhaps several times.
    pub(super) recipients: Vec<Recipient>,
}

/// One user who has the message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recipient {
    pub(super) user: String,
    /// Where it says so. The archive has what was read and what was not.
    pub(super) list: List,
}

/// Where a message is for a user. Sorted, the inbox is first: what is in both is unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    Inbox,
    Archive,
}

/// Text from a database, which need not be what its encoding says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) value: String,
    /// Whether bytes that were no characters had to be replaced.
    pub(super) is_repaired: bool,
}

/// A level as it was found: a number, or something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Number(i64),
    Nonsense,
}

impl Level {
    /// A number in decimal digits.
    pub(super) fn written(digits: &[u8]) -> Self {
        let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.trim().parse().ok());
        number.map_or(Self::Nonsense, Self::Number)
    }
}

impl Text {
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => {
                Self { value: String::from_utf8_lossy(bytes).into_owned(), is_repaired: true }
            }
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { value: text.to_owned(), is_repaired: false }
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self { value, is_repaired: false }
    }
}

/// The id of a user as Django's `str(user.pk)` has it. A database without a type for UUIDs keeps
/// them as 32 hexadecimal digits; stored-messages' Redis keys have them as one decimal number, which
/// is longer than any number that is an id.
pub(super) fn user_id(written: &str, may_be_hex: bool) -> String {
    let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    if may_be_hex && written.len() == 32 && written.bytes().all(is_hex) {
        return dashed(written);
    }
    if written.len() > 20
        && !written.starts_with('0')
        && written.bytes().all(|c| c.is_ascii_digit())
        && let Ok(number) = written.parse::<u128>()
    {
        return dashed(&format!("{number:032x}"));
    }
    written.to_owned()
}

fn dashed(hex: &str) -> String {
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_written_as_django_writes_them() {
        let dashed = "fe7bf72e-3ee1-474c-85c1-db40f5baf56d";
        assert_eq!(user_id("fe7bf72e3ee1474c85c1db40f5baf56d", true), dashed);
        assert_eq!(user_id("338267576862096408752578233555368998253", false), dashed);
        // What only looks alike stays as it is.
        for id in ["7", "18446744073709551615", "alice", "", "00000000000000000000000000000000"] {
            assert_eq!(user_id(id, false), id);
        }
        assert_eq!(user_id("fe7bf72e3ee1474c85c1db40f5baf56d", false).len(), 32);
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        assert_eq!(Text::from_bytes("é".as_bytes()), "é".into());
        let repaired = Text::from_bytes(b"a\xffb");
        assert_eq!((repaired.value.as_str(), repaired.is_repaired), ("a\u{fffd}b", true));
    }
}

//! What becomes of a message that our limits would refuse.
//!
//! Its text is what matters: a url, a tag or a character that cannot be kept is left out and
//! counted, and the message stays. One whose text or date cannot be kept is left out itself.

use std::time::{SystemTime, UNIX_EPOCH};

use restante::store::{Expiry, NewMessage};
use restante::{Level, Message, limits};

use super::dates::Zone;
use super::found::{self, Found};
use super::key::SENDER;
use super::report::{Change, Reason};

/// A message that can be sent.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) message: Message,
    /// `None` where the app keeps no dates.
    pub(super) date: Option<SystemTime>,
    pub(super) changes: Vec<Change>,
}

/// Makes a message of what was found, or says why there can be none.
pub(super) fn fit(found: &Found, zone: &Zone) -> Result<Fitted, Reason> {
    let mut changes = Vec::new();
    let is_repaired = |text: &found::Text| text.is_repaired;
    if is_repaired(&found.text)
        || is_repaired(&found.tags)
        || found.url.as_ref().is_some_and(is_repaired)
    {
        changes.push(Change::Characters);
    }
    let text = text(&found.text.value, &mut changes)?;
    let level = match found.level {
        found::Level::Number(level) => i32::try_from(level).map_err(|_| Reason::Level)?,
        found::Level::Nonsense => return Err(Reason::Level),
    };
    let date = found.date.as_deref().map(|date| zone.read(date).ok_or(Reason::Date)).transpose()?;
    if date.is_some_and(|date| date < UNIX_EPOCH) {
        // The store keeps the first moment that it knows.
        changes.push(Change::Date);
    }
    let mut message = Message::new(Level::new(level), text);
    for tag in tags(&found.tags.value, &mut changes) {
        message = message.tag(tag);
    }
    if let Some(url) = found.url.as_ref().map(|url| url.value.trim()).filter(|url| !url.is_empty())
    {
        match with_url(&message, url) {
            Some(linked) => message = linked,
            None => changes.push(Change::Url),
        }
    }
    Ok(Fitted { message, date, changes })
}

fn text(written: &str, changes: &mut Vec<Change>) -> Result<String, Reason> {
    let mut text = written.replace("\r\n", "\n");
    let is_refused = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(is_refused) {
        text.retain(|c| !is_refused(c));
        changes.push(Change::Controls);
    }
    match text.len() {
        0 => Err(Reason::NoText),
        1..=limits::TEXT_BYTES => Ok(text),
        _ => Err(Reason::LongText),
    }
}

/// The tags that can be kept: Django's own text of them has spaces in between.
fn tags<'a>(written: &'a str, changes: &mut Vec<Change>) -> Vec<&'a str> {
    let all = written.split_whitespace();
    let is_fine = |tag: &&str| tag.len() <= limits::TAG_BYTES && !tag.contains(char::is_control);
    let kept: Vec<&str> = all.clone().filter(is_fine).take(limits::TAGS).collect();
    if kept.len() < all.count() {
        changes.push(Change::Tags);
    }
    kept
}

/// The message with its url, if that is one: the library alone knows, and says so when it prepares a
/// message.
fn with_url(message: &Message, url: &str) -> Option<Message> {
    let linked = message.clone().url(url);
    let (now, expiry) = (SystemTime::now(), Expiry::default());
    let prepared = NewMessage::prepare(now, linked.clone(), SENDER, None, None, false, expiry);
    prepared.is_ok().then_some(linked)
}

#[cfg(test)]
mod tests {
    use super::super::source::App;
    use super::*;

    fn found(text: &str) -> Found {
        Found {
            app: App::StoredMessages,
            place: String::new(),
            id: String::new(),
            level: found::Level::Number(21),
            text: text.into(),
            tags: "".into(),
            url: None,
            date: Some("2026-11-20 08:49:00".to_owned()),
            recipients: Vec::new(),
        }
    }

    fn fitted(found: &Found) -> Result<(Message, Vec<Change>), Reason> {
        fit(found, &Zone::UTC).map(|fitted| (fitted.message, fitted.changes))
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let found = Found {
            tags: " tag1  tag2 ".into(),
            url: Some("https://example.com/a?b=c".into()),
            ..found("Hello é 🎉\r\nyou\tthere")
        };
        let (message, changes) = fitted(&found).unwrap();
        assert_eq!(message.text(), "Hello é 🎉\nyou\tthere");
        assert_eq!((message.level().value(), message.extra_tags()), (21, "tag1 tag2"));
        assert_eq!(message.link(), Some("https://example.com/a?b=c"));
        assert!(changes.is_empty(), "{changes:?}");
    }

    #[test]
    fn what_surrounds_the_text_is_left_out_where_it_cannot_be_kept() {
        let tags = format!("{} fine {}", "x".repeat(65), "t ".repeat(20));
        let found = Found {
            tags: tags.as_str().into(),
            url: Some("javascript:alert(1)".into()),
            date: Some("1815-06-18 11:35:00".to_owned()),
            ..found("a\0b\u{9b}")
        };
        let (message, changes) = fitted(&found).unwrap();
        assert_eq!((message.text(), message.link()), ("ab", None));
        assert_eq!(message.tags().count(), limits::TAGS);
        assert_eq!(message.tags().next(), Some("fine"));
        assert_eq!(changes, [Change::Controls, Change::Date, Change::Tags, Change::Url]);
    }

    #[test]
    fn without_a_text_or_a_date_there_is_no_message() {
        let date = |date: &str| Found { date: Some(date.to_owned()), ..found("a") };
        let level = |level| Found { level: found::Level::Number(level), ..found("a") };
        for (found, reason) in [
            (found(""), Reason::NoText),
            (found("\0"), Reason::NoText),
            (found(&"é".repeat(limits::TEXT_BYTES / 2 + 1)), Reason::LongText),
            (date("soon"), Reason::Date),
            (level(1 << 40), Reason::Level),
            (Found { level: found::Level::Nonsense, ..found("a") }, Reason::Level),
        ] {
            assert_eq!(fitted(&found).unwrap_err(), reason);
        }
        assert!(fitted(&found(&"é".repeat(limits::TEXT_BYTES / 2))).is_ok());
        assert!(fitted(&found(" ")).is_ok(), "Django keeps it too");
    }
}

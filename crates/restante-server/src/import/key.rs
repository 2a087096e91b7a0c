//! Idempotency keys: the same message has the same one in every run.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::found::{Found, Level};

/// Whose keys they are, and who has sent what was imported.
pub(super) const SENDER: &str = "django";

/// How much of a message's own id is in front, in characters. A source is read in the order of its
/// ids, and keys that rise are put at the end of a table instead of everywhere in it.
const IN_FRONT: usize = 60;

/// The key of a message: made of what it was when it was written and of nothing that changes later.
/// Whether it has been read since, and by whom, is not in it, nor is the time zone that is asked for.
pub(super) fn key(found: &Found) -> String {
    let mut sha = Sha256::new();
    let mut part = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    };
    part(found.id.as_bytes());
    match found.level {
        Level::Number(level) => part(&level.to_be_bytes()),
        Level::Nonsense => part(b""),
    }
    part(found.text.value.as_bytes());
    part(found.tags.value.as_bytes());
    part(found.url.as_ref().map_or("", |url| &url.value).as_bytes());
    part(found.date.as_deref().unwrap_or_default().as_bytes());
    // 96 bits: no two of a billion messages are alike by chance.
    let hash = URL_SAFE_NO_PAD.encode(&sha.finalize()[..12]);
    let front: String =
        found.id.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(IN_FRONT).collect();
    format!("{}:{front}:{hash}", found.app.name())
}

#[cfg(test)]
mod tests {
    use super::super::found::{List, Recipient, Text};
    use super::super::source::App;
    use super::*;

    fn found() -> Found {
        Found {
            app: App::StoredMessages,
            place: "stored_messages_message 6".to_owned(),
            id: "2026-11-20 08:49:00:6".to_owned(),
            level: Level::Number(21),
            text: "Ahoy".into(),
            tags: "a b".into(),
            url: None,
            date: Some("2026-11-20 08:49:00".to_owned()),
            recipients: vec![Recipient { user: "1".to_owned(), list: List::Inbox }],
        }
    }

    #[test]
    fn it_tells_messages_apart_and_not_who_has_read_them() {
        let first = key(&found());
        assert!(first.starts_with("stored-messages:2026-11-20 08:49:00:6:"), "{first}");
        let mut read = found();
        read.recipients[0].list = List::Archive;
        assert_eq!(key(&read), first);
        let others: [fn(&mut Found); 5] = [
            |found| found.text = "Ahoj".into(),
            |found| found.level = Level::Number(20),
            |found| found.tags = Text::default(),
            |found| found.url = Some("/".into()),
            |found| found.id.push('6'),
        ];
        for change in others {
            let mut other = found();
            change(&mut other);
            assert_ne!(key(&other), first);
        }
    }

    #[test]
    fn it_keeps_our_limits_whatever_an_id_is() {
        let long = Found { id: "ü\n".repeat(200) + &"x".repeat(300), ..found() };
        let key = key(&long);
        assert!(key.len() <= restante::limits::KEY_BYTES && key.is_ascii(), "{key}");
        assert!(!key.contains('\n'));
    }
}

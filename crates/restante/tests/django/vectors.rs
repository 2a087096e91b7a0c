//! `vectors.json` has cases of each kind, `vectors_random.json` random lists. What Django cannot
//! read although it is signed is to be nothing, and what is in a list beside messages is skipped.

use restante::DjangoKey;
use restante::django::{Keep, Message, Written};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) kind: String,
    storage: String,
    secret_key: String,
    #[serde(default)]
    fallback_keys: Vec<String>,
    pub(crate) timestamp: Option<i64>,
    #[serde(default)]
    pub(crate) settings: serde_json::Map<String, serde_json::Value>,
    messages: Option<Vec<Said>>,
    pub(crate) cookie_header: Option<String>,
    pub(crate) cookie_value: Option<String>,
    pub(crate) set_cookie_header: Option<String>,
    pub(crate) expect: Expect,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Expect {
    pub(crate) status: String,
    messages: Vec<Said>,
    complete: Option<bool>,
    invalid_marks_used: Option<bool>,
    #[serde(default)]
    unstored: Vec<Said>,
    /// What went to Django's session.
    session_value: Option<String>,
}

/// A message, or something else that was in the list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Said {
    Message { level: i64, text: serde_json::Value, extra_tags: Option<String>, safe: bool },
    Other { raw: String },
}

fn messages(said: &[Said]) -> Vec<Message> {
    let message = |said: &Said| match said {
        Said::Message { level, text, extra_tags, safe } => Some(Message {
            level: (*level).into(),
            text: text.as_str().map_or_else(|| text.to_string(), str::to_owned),
            extra_tags: extra_tags.clone(),
            safe: *safe,
        }),
        Said::Other { raw } => {
            assert!(!raw.is_empty());
            None
        }
    };
    said.iter().filter_map(message).collect()
}

impl Vector {
    pub(crate) fn key(&self) -> DjangoKey {
        let key = DjangoKey::new(&self.secret_key).unwrap();
        let olds = self.fallback_keys.iter().map(|old| DjangoKey::new(old).unwrap());
        olds.fold(key, DjangoKey::with_fallback)
    }

    pub(crate) fn expected(&self) -> Vec<Message> {
        messages(&self.expect.messages)
    }

    /// Whether the cookie is to be deleted at once.
    pub(crate) fn is_tampered(&self) -> bool {
        // Where Django fails there is no word of it.
        self.expect.invalid_marks_used.unwrap_or(self.expect.status == "django_raises")
    }

    /// Whether some storage other than the session wrote it, with today's code.
    fn is_written(&self) -> bool {
        let is_current = ["encode", "overflow", "delete", ""].contains(&&*self.kind);
        is_current && self.storage != "SessionStorage"
    }

    fn write(&self, key: &DjangoKey) -> Written {
        let (keep, messages) = match &*self.storage {
            "CookieStorage" => (Keep::Newest, messages(self.messages.as_ref().unwrap())),
            _ => (Keep::Oldest, messages(self.messages.as_ref().unwrap())),
        };
        key.write(&messages, self.timestamp.unwrap_or(0), 2048, keep)
    }
}

pub(crate) fn all() -> Vec<Vector> {
    let mut all: Vec<Vector> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let random: Vec<Vector> = serde_json::from_str(include_str!("vectors_random.json")).unwrap();
    all.extend(random);
    assert_eq!(all.len(), 178);
    all
}

#[test]
fn every_cookie_is_read_as_django_reads_it() {
    for vector in all() {
        let Some(value) = &vector.cookie_value else { continue };
        let cookie = vector.key().read(value);
        let name = &vector.name;
        assert_eq!(cookie.messages, vector.expected(), "{name}");
        assert_eq!(cookie.is_list, vector.expect.status == "ok", "{name}");
        assert_eq!(cookie.is_complete, vector.expect.complete.unwrap_or(true), "{name}");
        assert_eq!(cookie.is_tampered, vector.is_tampered(), "{name}");
    }
}

#[test]
fn what_django_writes_is_written_to_the_byte() {
    let mut written = 0;
    for vector in all().iter().filter(|vector| vector.is_written()) {
        let name = &vector.name;
        let got = vector.write(&vector.key());
        assert_eq!(Some(&got.value), vector.cookie_value.as_ref(), "{name}");
        let said = messages(vector.messages.as_ref().unwrap());
        let left_out = match &vector.expect.session_value {
            // A list of JSON, whose elements begin alike.
            Some(rest) => {
                let rest: Vec<serde_json::Value> = serde_json::from_str(rest).unwrap();
                said[said.len() - rest.len()..].to_vec()
            }
            None => messages(&vector.expect.unstored),
        };
        assert_eq!(said[got.unstored], left_out, "{name}");
        written += 1;
    }
    assert_eq!(written, 112);
}

#[test]
fn the_derived_key_is_enough() {
    for vector in all().iter().filter(|vector| vector.is_written()) {
        let derived = DjangoKey::from_derived_hex(&vector.key().derived_hex()).unwrap();
        assert_eq!(Some(vector.write(&derived).value), vector.cookie_value, "{}", vector.name);
    }
}

#[test]
fn line_43_a_limit_is_kept_and_0_is_none() {
    let key = DjangoKey::new("k").unwrap();
    let messages = vec![Message::new(20, "é".repeat(30)); 200];
    for keep in [Keep::Newest, Keep::Oldest] {
        assert!(key.write(&messages, 0, 0, keep).unstored.is_empty());
        for limit in 85..400 {
            let written = key.write(&messages, 0, limit, keep);
            assert!(written.value.len() <= limit && !written.unstored.is_empty());
            let left = key.read(&written.value);
            assert_eq!(left.messages.len() + written.unstored.len(), 200);
            assert!(!left.is_complete);
        }
        // A cookie that says that all was lost is written although it does not fit.
        let none = key.write(&messages, 0, 10, keep);
        assert_eq!((none.unstored, none.value.len()), (0..200, 82));
    }
}

//! Flash cookies by hand: what a browser was given, and what it could be given.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand, ValueEnum};
use restante::django::{self, Keep};
use restante::{DjangoKey, Key};
use serde::{Deserialize, Serialize};

use super::cookie_lines::{Refused, answer_lines, said};
use super::{Common, Output};
use crate::failure::Failure;

/// Read and write flash cookies, of Django too: JSON lines in, JSON lines out
///
/// Secrets are read from standard input, so that nobody on this machine sees them.
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(super) struct Cookie {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Decode(Decode),
    Encode(Encode),
    DeriveKey(DeriveKey),
}

/// What cookies hold
///
/// Each line is an object with `cookie_value`, `secret_key` or, of Django, `derived_key`, and
/// perhaps `fallback_keys` and `cookie_name`. Each answer has `ok`, `messages`, `complete` and
/// `tampered`.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  echo '{\"secret_key\": \"…\", \"cookie_value\": \"W1siX19…\"}' | restante cookie decode")]
struct Decode {
    /// Whose cookie it is
    #[arg(long, default_value = "django")]
    codec: Codec,
    #[command(flatten)]
    common: Common,
}

/// Cookies as Django would write them
///
/// Each line is an object with `messages`, `secret_key` or `derived_key`, and perhaps `timestamp`
/// (seconds, by default now), `max_size` (characters, by default 2048; 0 is without limit) and
/// `keep` (`newest`, which is the default, or `oldest`). Each answer has `cookie_value` and
/// `unstored`, the messages that do not fit.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  echo '{\"secret_key\": \"…\", \"messages\": [{\"level\": 25, \"text\": \"Saved\"}]}' |
      restante cookie encode")]
struct Encode {
    #[command(flatten)]
    common: Common,
}

/// The key of Django's messages alone, for services that must not have the site's `SECRET_KEY`
///
/// Each line is an object with `secret_key`, each answer one with `derived_key`, in hexadecimal
/// digits.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  echo '{\"secret_key\": \"…\"}' | restante cookie derive-key")]
struct DeriveKey {
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Codec {
    /// Django's messages framework, 3.2 and later
    Django,
    /// Restante's own
    Restante,
}

/// What opens a cookie, as a line says it.
#[derive(Debug, Deserialize)]
struct Secrets {
    secret_key: Option<String>,
    derived_key: Option<String>,
    #[serde(default)]
    fallback_keys: Vec<String>,
    #[serde(default)]
    fallback_derived_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ToDecode {
    cookie_value: String,
    #[serde(default = "messages")]
    cookie_name: String,
}

fn messages() -> String {
    "messages".to_owned()
}

#[derive(Debug, Deserialize)]
struct ToEncode {
    messages: Vec<Message>,
    timestamp: Option<i64>,
    max_size: Option<usize>,
    #[serde(default)]
    keep: WhatToKeep,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhatToKeep {
    #[default]
    Newest,
    Oldest,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Message {
    level: i128,
    text: String,
    extra_tags: Option<String>,
    #[serde(default)]
    safe: bool,
    // What Django's cookie has no place for.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    data: Option<Box<serde_json::value::RawValue>>,
}

#[derive(Debug, Serialize)]
struct Decoded {
    ok: bool,
    messages: Vec<Message>,
    complete: bool,
    tampered: bool,
}

#[derive(Debug, Serialize)]
struct Encoded {
    cookie_value: String,
    unstored: Vec<Message>,
}

#[derive(Debug, Serialize)]
struct DerivedKey {
    derived_key: String,
}

impl Cookie {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.action {
            Action::Decode(Decode { codec: Codec::Django, .. }) => {
                answer_lines(output, |line| line.read::<ToDecode>()?.by_django(&line.read()?))
            }
            Action::Decode(Decode { codec: Codec::Restante, .. }) => {
                answer_lines(output, |line| line.read::<ToDecode>()?.by_restante(&line.read()?))
            }
            Action::Encode(_) => {
                answer_lines(output, |line| line.read::<ToEncode>()?.written(&line.read()?))
            }
            Action::DeriveKey(_) => answer_lines(output, |line| {
                let derived_key = line.read::<Secrets>()?.django_key()?.derived_hex();
                Ok(DerivedKey { derived_key })
            }),
        }
    }
}

impl Secrets {
    fn django_key(&self) -> Result<DjangoKey, Refused> {
        let key = match (&self.secret_key, &self.derived_key) {
            (Some(secret), None) => DjangoKey::new(secret)?,
            (None, Some(derived)) => DjangoKey::from_derived_hex(derived)?,
            (None, None) => return Err(Refused::field("secret_key", "is missing")),
            (Some(_), Some(_)) => {
                return Err(Refused::field("derived_key", "is another way to say `secret_key`"));
            }
        };
        let key = self.fallback_keys.iter().enumerate().try_fold(key, |key, (at, old)| {
            let old =
                DjangoKey::new(old).map_err(|error| Refused::at("fallback_keys", at, &error))?;
            Ok::<_, Refused>(key.with_fallback(old))
        })?;
        self.fallback_derived_keys.iter().enumerate().try_fold(key, |key, (at, old)| {
            let old = DjangoKey::from_derived_hex(old)
                .map_err(|error| Refused::at("fallback_derived_keys", at, &error))?;
            Ok(key.with_fallback(old))
        })
    }

    fn own_key(&self) -> Result<Key, Refused> {
        let Some(secret) = &self.secret_key else {
            return Err(Refused::field("secret_key", "is missing"));
        };
        let key = Key::new(secret).map_err(|error| Refused::field("secret_key", said(&error)))?;
        self.fallback_keys.iter().enumerate().try_fold(key, |key, (at, old)| {
            let old = Key::new(old).map_err(|error| Refused::at("fallback_keys", at, &error))?;
            Ok(key.with_fallback(old))
        })
    }
}

impl ToDecode {
    fn by_django(self, secrets: &Secrets) -> Result<Decoded, Refused> {
        let cookie = secrets.django_key()?.read(&self.cookie_value);
        Ok(Decoded {
            ok: cookie.is_list,
            messages: cookie.messages.into_iter().map(Message::from).collect(),
            complete: cookie.is_complete,
            tampered: cookie.is_tampered,
        })
    }

    fn by_restante(self, secrets: &Secrets) -> Result<Decoded, Refused> {
        let cookie = secrets.own_key()?.open(&self.cookie_name, &self.cookie_value);
        let message = |(message, safe): (restante::Message, bool)| Message {
            level: message.level().value().into(),
            text: message.text().to_owned(),
            extra_tags: Some(message.extra_tags().to_owned()),
            safe,
            url: message.link().map(str::to_owned),
            data: message.raw_data().map(ToOwned::to_owned),
        };
        Ok(Decoded {
            ok: !cookie.is_tampered && !self.cookie_value.is_empty(),
            messages: cookie.messages.into_iter().map(message).collect(),
            complete: cookie.is_complete,
            tampered: cookie.is_tampered,
        })
    }
}

impl ToEncode {
    fn written(self, secrets: &Secrets) -> Result<Encoded, Refused> {
        let now = || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
        };
        let messages: Vec<_> = self.messages.iter().cloned().map(django::Message::from).collect();
        let written = secrets.django_key()?.write(
            &messages,
            self.timestamp.unwrap_or_else(now),
            self.max_size.unwrap_or(django::MAX_SIZE),
            match self.keep {
                WhatToKeep::Newest => Keep::Newest,
                WhatToKeep::Oldest => Keep::Oldest,
            },
        );
        let unstored = self.messages.into_iter().skip(written.unstored.start);
        let unstored = unstored.take(written.unstored.len()).collect();
        Ok(Encoded { cookie_value: written.value, unstored })
    }
}

impl From<django::Message> for Message {
    fn from(message: django::Message) -> Self {
        let django::Message { level, text, extra_tags, safe } = message;
        Self { level, text, extra_tags, safe, url: None, data: None }
    }
}

impl From<Message> for django::Message {
    fn from(message: Message) -> Self {
        let Message { level, text, extra_tags, safe, .. } = message;
        Self { level, text, extra_tags, safe }
    }
}

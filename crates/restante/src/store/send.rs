//! What goes into a store.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::clock::{from_millis, to_millis};
use crate::message::Expires;
use crate::recipients::Recipients;
use crate::text::has_control;
use crate::{Error, ItemId, Message, MessageId, UserId, limits};

/// 9999-12-31T23:59:59Z, the last time that can be written down: how stores keep "never".
const NEVER_MILLIS: i64 = 253_402_300_799_000;

/// How long an idempotency key is kept that does not say otherwise: 24 hours.
pub(crate) const KEY_MILLIS: i64 = 86_400_000;

/// How long messages stay that do not say so themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Unread messages leave the inbox after this long.
    pub unread: Duration,
    /// All messages leave the archive after this long.
    pub all: Duration,
}

impl Default for Expiry {
    /// 30 and 120 days, as in django-stored-messages.
    fn default() -> Self {
        let day = Duration::from_secs(86_400);
        Self { unread: day * 30, all: day * 120 }
    }
}

/// A message that was checked and is ready to be kept: with its sender, its idempotency key and
/// its times worked out.
#[derive(Clone, Debug)]
pub struct NewMessage {
    message: Arc<Message>,
    sender: Arc<str>,
    inbox_until: SystemTime,
    expires_at: SystemTime,
    idempotency: Option<Idempotency>,
}

/// What makes a repeated send harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The sender's key.
    pub key: Arc<str>,
    /// SHA-256 over the request as it was given.
    pub hash: [u8; 32],
    /// Until when the key is kept, where that is longer than 24 hours.
    pub kept_until: Option<SystemTime>,
}

impl Idempotency {
    /// For stores: the time that is kept with a key used now. It ends 24 hours later, so one that is
    /// kept longer counts as used later.
    pub(crate) fn used_at(&self, now: i64) -> i64 {
        self.kept_until.map_or(now, |until| now.max(to_millis(until) - KEY_MILLIS))
    }
}

impl NewMessage {
    /// Checks a message and works out its times. `to` is `None` for everyone.
    ///
    /// Times are rounded up to whole seconds.
    ///
    /// # Errors
    /// `Invalid` or `TooLarge`, with the field of the message, or `sender`, `key` or `expires`.
    pub fn prepare(
        now: SystemTime,
        message: Message,
        sender: &str,
        key: Option<&str>,
        to: Option<&Recipients>,
        newcomers: bool,
        expiry: Expiry,
    ) -> Result<Self, Error> {
        check_name("sender", sender)?;
        if let Some(key) = key {
            check_name("key", key)?;
        }
        let message = message.check()?;
        let idempotency = key.map(|key| Idempotency {
            key: key.into(),
            hash: request_hash(&message, to, newcomers),
            kept_until: None,
        });
        let (inbox_until, expires_at) = match message.expires() {
            Expires::Default => (now.checked_add(expiry.unread), now.checked_add(expiry.all)),
            Expires::Never => (None, None),
            Expires::In(after) => (now.checked_add(after), now.checked_add(after)),
            Expires::At(time) => (Some(time), Some(time)),
        };
        let (inbox_until, expires_at) = (whole_second(inbox_until), whole_second(expires_at));
        if expires_at <= now {
            return Err(Error::invalid("expires", "must be in the future"));
        }
        Ok(Self {
            message: Arc::new(message),
            sender: sender.into(),
            inbox_until: inbox_until.min(expires_at),
            expires_at,
            idempotency,
        })
    }

    /// Keeps the idempotency key until this time, if that is longer than 24 hours: for what may be
    /// sent again much later, such as an import that is run once more. Without a key it changes
    /// nothing.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use restante::store::{Expiry, NewMessage};
    /// use restante::{MemoryStore, Message, Recipients, Store};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
    /// let (store, to) = (MemoryStore::new(), Recipients::new(["alice"])?);
    /// let (now, week) = (SystemTime::now(), Duration::from_secs(7 * 86_400));
    /// let welcome = Message::info("Welcome");
    /// let message =
    ///     NewMessage::prepare(now, welcome, "app", Some("1"), Some(&to), false, Expiry::default())?
    ///         .keep_key_until(now + week);
    /// assert!(!store.send(now, &message, &to).await?.repeated);
    /// assert!(store.send(now + week / 2, &message, &to).await?.repeated);
    /// # Ok(()) }
    /// ```
    pub fn keep_key_until(mut self, time: SystemTime) -> Self {
        if let Some(idempotency) = &mut self.idempotency {
            idempotency.kept_until = Some(time);
        }
        self
    }

    /// What is said.
    pub fn message(&self) -> &Arc<Message> {
        &self.message
    }

    /// Who says it.
    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// When it leaves the inbox unread: a whole second, not after [`expires_at`](Self::expires_at).
    pub fn inbox_until(&self) -> SystemTime {
        self.inbox_until
    }

    /// When it leaves the archive: a whole second; [`never`](Self::never) stands for never.
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// What makes a repeated send harmless, if the sender gave a key.
    pub fn idempotency(&self) -> Option<&Idempotency> {
        self.idempotency.as_ref()
    }

    /// The time by which stores keep "never": the end of the year 9999.
    pub fn never() -> SystemTime {
        from_millis(NEVER_MILLIS)
    }

    /// For stores: the kept expiry as it is shown, where `None` is never.
    pub fn shown_expiry(kept: SystemTime) -> Option<SystemTime> {
        (kept != Self::never()).then_some(kept)
    }
}

fn check_name(field: &'static str, name: &str) -> Result<(), Error> {
    if name.is_empty() || has_control(name) {
        return Err(Error::invalid(field, "is 1 to 255 bytes without control characters"));
    }
    if name.len() > limits::KEY_BYTES {
        return Err(Error::too_large(field, "is at most 255 bytes"));
    }
    Ok(())
}

/// Deliveries keep their time in seconds, which saves two bytes each; rounding here keeps every
/// store of one opinion.
fn whole_second(time: Option<SystemTime>) -> SystemTime {
    let millis = time.map_or(NEVER_MILLIS, to_millis).min(NEVER_MILLIS);
    from_millis((millis + 999) / 1000 * 1000)
}

/// Over the request as given: a relative expiry stays relative, and a part that was left out adds
/// nothing, so that a new optional part does not change old hashes. Each part is led by its name
/// and length, so that no two requests run together.
fn request_hash(message: &Message, to: Option<&Recipients>, newcomers: bool) -> [u8; 32] {
    fn part(sha: &mut Sha256, name: u8, bytes: &[u8]) {
        sha.update([name]);
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    }
    let mut sha = Sha256::new();
    part(&mut sha, b'm', message.text().as_bytes());
    part(&mut sha, b'l', &message.level().value().to_be_bytes());
    if !message.extra_tags().is_empty() {
        part(&mut sha, b't', message.extra_tags().as_bytes());
    }
    if let Some(url) = message.link() {
        part(&mut sha, b'u', url.as_bytes());
    }
    if let Some(data) = message.raw_data() {
        part(&mut sha, b'd', data.get().as_bytes());
    }
    match message.expires() {
        Expires::Default => {}
        Expires::Never => part(&mut sha, b'e', b"never"),
        Expires::In(after) => part(&mut sha, b'r', &after.as_millis().to_be_bytes()),
        Expires::At(time) => part(&mut sha, b'a', &to_millis(time).to_be_bytes()),
    }
    match to {
        None if newcomers => part(&mut sha, b'n', b""),
        None => part(&mut sha, b'*', b""),
        Some(to) => {
            for user in to.as_slice() {
                part(&mut sha, b'>', user.as_str().as_bytes());
            }
        }
    }
    sha.finalize().into()
}

/// The result of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The message's id, for receipts and retracting.
    pub id: MessageId,
    /// How many users it goes to; 0 for everyone.
    pub recipients: u64,
    /// Whether an earlier send with the same key was found and nothing was sent now.
    pub repeated: bool,
    /// How many of the recipients of a long list still wait for it. They will get it, also after a
    /// crash.
    pub waiting: u64,
}

/// One delivered part of a long list.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The message.
    pub id: MessageId,
    /// The position of the part's items.
    pub position: ItemId,
    /// What is said.
    pub message: Arc<Message>,
    /// How many users got it with this part.
    pub delivered: u64,
    /// Who they are, where the caller asked for names.
    pub users: Vec<UserId>,
}

/// What one step of relaying did.
#[derive(Clone, Debug, Default)]
pub struct Relayed {
    /// The messages sent, in the order of the outbox.
    pub messages: Vec<RelayedMessage>,
    /// How many rows were refused. They stay in the outbox with their error.
    pub refused: u64,
    /// Whether there may be more to relay now.
    pub more: bool,
}

/// One message that came by the outbox.
#[derive(Clone, Debug)]
pub struct RelayedMessage {
    /// The id of its row in the outbox.
    pub outbox_id: i64,
    /// Its result. A row whose key was used before sends nothing and is `repeated`.
    pub sent: Sent,
    /// To whom; `None` is everyone.
    pub user: Option<UserId>,
    /// What is said.
    pub message: Arc<Message>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepare(message: Message, key: &str, to: &[&str]) -> Result<NewMessage, Error> {
        let to = Recipients::new(to).unwrap();
        let now = from_millis(1_800_000_000_500);
        NewMessage::prepare(now, message, "app", Some(key), Some(&to), false, Expiry::default())
    }

    fn hash_of(message: Message, to: &[&str]) -> [u8; 32] {
        prepare(message, "k", to).unwrap().idempotency().unwrap().hash
    }

    #[test]
    fn the_hash_is_over_the_request_as_given() {
        let hour = Duration::from_secs(3600);
        let base = hash_of(Message::info("a"), &["x", "y"]);
        assert_eq!(base, hash_of(Message::info("a"), &["y", "x", "y"]));
        assert_ne!(base, hash_of(Message::info("b"), &["x", "y"]));
        assert_ne!(base, hash_of(Message::info("a"), &["xy"]));
        assert_ne!(base, hash_of(Message::success("a"), &["x", "y"]));
        assert_ne!(base, hash_of(Message::info("a").expires_in(hour), &["x", "y"]));
        assert_ne!(base, hash_of(Message::info("a").url("/a"), &["x", "y"]));
        assert_ne!(base, hash_of(Message::info("a").tag("a"), &["x", "y"]));
        assert_ne!(base, hash_of(Message::info("a").data(1), &["x", "y"]));
    }

    #[test]
    fn times_are_whole_seconds_and_in_the_future() {
        let message = prepare(Message::info("a"), "k", &["x"]).unwrap();
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(message.inbox_until(), at(1_800_000_001 + 30 * 86_400));
        assert_eq!(message.expires_at(), at(1_800_000_001 + 120 * 86_400));
        let past = Message::info("a").expires_at(at(1_800_000_000));
        assert_eq!(prepare(past, "k", &["x"]).unwrap_err().field(), Some("expires"));
        let never = prepare(Message::info("a").never_expires(), "k", &["x"]).unwrap();
        assert_eq!(never.expires_at(), NewMessage::never());
        let long = Message::info("a").expires_in(Duration::MAX);
        assert_eq!(prepare(long, "k", &["x"]).unwrap().expires_at(), NewMessage::never());
    }

    #[test]
    fn a_bad_key_is_named() {
        assert_eq!(prepare(Message::info("a"), "", &["x"]).unwrap_err().field(), Some("key"));
        assert_eq!(prepare(Message::info("a"), "a\0", &["x"]).unwrap_err().field(), Some("key"));
        let long = "k".repeat(256);
        assert!(prepare(Message::info("a"), &long, &["x"]).unwrap_err().is_too_large());
    }
}

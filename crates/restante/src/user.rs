//! Users: opaque ids that the app owns.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::text::has_control;
use crate::{Error, limits};

/// A user's id: an opaque string of 1–191 bytes that the app owns, compared byte by byte.
///
/// It holds no control characters and is not `*`, which stands for everyone. Cloning is cheap.
///
/// ```
/// use restante::UserId;
///
/// let alice = UserId::new("alice")?;
/// assert_eq!(alice.as_str(), "alice");
/// assert_ne!(alice, UserId::new("Alice")?);
/// assert!(UserId::new("").unwrap_err().is_invalid());
/// # Ok::<(), restante::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct UserId(Arc<str>);

impl UserId {
    /// Takes the app's id for the user.
    ///
    /// # Errors
    /// `Invalid` or `TooLarge` for the field `user`.
    pub fn new(id: impl AsRef<str>) -> Result<Self, Error> {
        Self::checked(id.as_ref().into())
    }

    /// The same without a copy.
    pub(crate) fn checked(id: Arc<str>) -> Result<Self, Error> {
        if id.is_empty() {
            return Err(Error::invalid("user", "a user's id cannot be empty"));
        }
        if id.len() > limits::USER_BYTES {
            return Err(Error::too_large("user", "a user's id is at most 191 bytes"));
        }
        if &*id == "*" {
            return Err(Error::invalid(
                "user",
                "`*` stands for everyone and cannot be a user's id",
            ));
        }
        if has_control(&id) {
            return Err(Error::invalid("user", "a user's id cannot hold control characters"));
        }
        Ok(Self(id))
    }

    /// The id as the app gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for UserId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl AsRef<str> for UserId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for UserId {
    type Error = Error;

    fn try_from(id: String) -> Result<Self, Error> {
        Self::new(id)
    }
}

/// A user whose messages are asked for, with the time of joining where the app knows it.
///
/// A broadcast is not shown to users who joined after it was sent, unless it says so. Without a
/// time of joining every live broadcast is shown. The first time told for a user is kept.
///
/// ```
/// use restante::{MemoryStore, Message, Restante, To, User};
/// use std::time::{Duration, SystemTime};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// restante.send(Message::info("Down at noon"), To::everyone()).await?;
///
/// let newcomer = User::new("carol").joined(SystemTime::now() + Duration::from_secs(1));
/// assert_eq!(restante.inbox(newcomer)?.count().await?.unread, 0);
/// assert_eq!(restante.inbox("alice")?.count().await?.unread, 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub(crate) id: Arc<str>,
    pub(crate) joined: Option<SystemTime>,
    pub(crate) until: Option<SystemTime>,
    pub(crate) since: Option<SystemTime>,
}

impl User {
    /// The user with this id, which is checked when it is used.
    pub fn new(id: impl Into<String>) -> Self {
        Self::shared(id.into().into())
    }

    fn shared(id: Arc<str>) -> Self {
        Self { id, joined: None, until: None, since: None }
    }

    /// When the user joined.
    pub fn joined(mut self, time: impl Into<SystemTime>) -> Self {
        self.joined = Some(time.into());
        self
    }

    /// When the user signed in: live streams end if the user's tokens were ended since. Without it,
    /// when the stream began.
    pub fn since(mut self, time: impl Into<SystemTime>) -> Self {
        self.since = Some(time.into());
        self
    }

    /// Until when the user is known to be signed in: live streams end then.
    pub fn until(mut self, time: impl Into<SystemTime>) -> Self {
        self.until = Some(time.into());
        self
    }
}

impl From<&str> for User {
    fn from(id: &str) -> Self {
        Self::shared(id.into())
    }
}

impl From<String> for User {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl From<&String> for User {
    fn from(id: &String) -> Self {
        Self::new(id)
    }
}

impl From<i64> for User {
    fn from(id: i64) -> Self {
        Self::new(id.to_string())
    }
}

impl From<UserId> for User {
    fn from(id: UserId) -> Self {
        Self::shared(id.0)
    }
}

impl From<&UserId> for User {
    fn from(id: &UserId) -> Self {
        Self::from(id.clone())
    }
}

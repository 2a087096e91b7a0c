use super::codec::Carried;
use super::{Key, cookie};
use crate::Message;

/// What is in a flash cookie's value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenedCookie {
    /// In the order in which they were said, each with whether it was flagged safe.
    pub messages: Vec<(Message, bool)>,
    /// False when some did not fit.
    pub is_complete: bool,
    /// Whether it is not one that the key signed. An empty value is an absent one.
    pub is_tampered: bool,
}

impl Key {
    /// Reads the value of the flash cookie of this name, outside of any request: to see what a
    /// browser was given.
    ///
    /// ```
    /// use restante::Key;
    ///
    /// let key = Key::new(b"a secret that has at least 32 bytes")?;
    /// assert!(key.open("messages", "whatever").is_tampered);
    /// # Ok::<(), restante::Error>(())
    /// ```
    pub fn open(&self, cookie_name: &str, value: &str) -> OpenedCookie {
        let brought = cookie::unpack(self, cookie_name, value);
        let parts = |Carried { message, safe }| (message, safe);
        OpenedCookie {
            messages: brought.messages.into_iter().map(parts).collect(),
            is_complete: brought.complete,
            is_tampered: brought.tampered,
        }
    }
}

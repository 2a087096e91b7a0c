//! Lists of messages as a cookie or a session holds them: `own` is Restante's own codec, `django`
//! the cookie of Django's messages framework.

#[cfg(feature = "django")]
pub mod django;
pub(super) mod own;

use crate::Message;

/// A message on its way through a cookie or session: what was said, and whether whoever said it
/// flagged it safe. The flag is carried along; text is escaped all the same.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) message: Message,
    pub(crate) safe: bool,
}

use restante::{Expires, Level};

/// A message and to whom it goes, as it was asked for; whoever sends it checks it.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) to: Recipients,
    /// With everyone: for those who join later too.
    pub(crate) newcomers: bool,
    pub(crate) text: String,
    pub(crate) level: Level,
    pub(crate) tags: Vec<String>,
    pub(crate) url: Option<String>,
    /// JSON as it was written.
    pub(crate) data: Option<String>,
    pub(crate) expires: Expires,
    pub(crate) key: Option<String>,
}

/// To whom it goes. A list may have a million users, and is held once.
#[derive(Debug)]
pub(crate) enum Recipients {
    Everyone,
    Users(Vec<String>),
}

use std::collections::BTreeMap;

use serde::Serialize;

use super::Taken;
use crate::{Item, Level};

/// What a page's template needs: the counterpart of django-stored-messages' template tags.
///
/// Made by [`Messages::context`](crate::Messages::context), where an example is. Given to minijinja
/// it serialises; in askama its fields are used as they are.
#[derive(Clone, Debug, Serialize)]
pub struct PageContext {
    /// What is to be shown on this page, once.
    pub messages: Taken,
    /// How many stored messages are unread beside those.
    pub unread: u64,
    /// The newest unread ones beside those, newest first.
    pub inbox: Vec<Item>,
    /// The newest of all that the user received, read or not, newest first.
    pub archive: Vec<Item>,
    /// The numbers of the five usual levels by their names, in capitals: to compare a message's
    /// `level` with.
    pub levels: BTreeMap<&'static str, Level>,
}

impl PageContext {
    pub(super) fn new(messages: Taken) -> Self {
        let levels = [
            ("DEBUG", Level::DEBUG),
            ("INFO", Level::INFO),
            ("SUCCESS", Level::SUCCESS),
            ("WARNING", Level::WARNING),
            ("ERROR", Level::ERROR),
        ];
        let unread = messages.unread();
        let (inbox, archive) = (Vec::new(), Vec::new());
        Self { messages, unread, inbox, archive, levels: levels.into() }
    }
}

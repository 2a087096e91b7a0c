use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use super::Settings;
use super::codec::Carried;
use crate::{Item, ItemId, Level, Message};

/// One message as a page shows it. Printing it gives its text, which the template escapes.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// How urgent it is.
    pub level: Level,
    /// The level's tag, empty for a level without one.
    pub level_tag: String,
    /// The text, plain.
    pub message: String,
    /// Django's `tags`: extra tags and level tag, joined by one space; for a `class` attribute.
    pub tags: String,
    /// The extra tags alone, joined by spaces.
    pub extra_tags: String,
    /// Where it leads.
    pub url: Option<String>,
    /// JSON for programs.
    pub data: Option<serde_json::Value>,
    /// The item in the inbox that it is, for a stored one that was there before this request.
    pub id: Option<ItemId>,
    /// Whether whoever said it flagged it as safe HTML. It is still plain text to be escaped.
    pub safe: bool,
}

impl Shown {
    fn new(settings: &Settings, message: &Message) -> Self {
        let level_tag = settings.level_tag(message.level());
        Self {
            level: message.level(),
            level_tag: level_tag.to_owned(),
            message: message.text().to_owned(),
            tags: message.tags_with(level_tag),
            extra_tags: message.extra_tags().to_owned(),
            url: message.link().map(str::to_owned),
            data: message.raw_data().and_then(|data| serde_json::from_str(data.get()).ok()),
            id: None,
            safe: false,
        }
    }

    pub(super) fn flash(settings: &Settings, carried: &Carried) -> Self {
        Self { safe: carried.safe, ..Self::new(settings, &carried.message) }
    }

    pub(super) fn stored(settings: &Settings, item: &Item) -> Self {
        Self { id: Some(item.id), ..Self::new(settings, &item.message) }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The messages that a page is to show: flash messages first, then stored ones, oldest first.
///
/// It derefs to a slice, iterates, and serialises as a list.
///
/// ```
/// # use axum::{Router, body::Body, http::Request, routing::get};
/// # use restante::{Key, Level, Message, Messages, MessagesLayer};
/// # use tower::ServiceExt;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let page = get(async |messages: Messages| {
/// messages.add(Message::warning("Disk nearly full").tag("disk").url("/disks/1"));
/// let taken = messages.take().await;
/// assert_eq!(taken.len(), 1);
/// assert_eq!(taken[0].level, Level::WARNING);
/// assert_eq!(taken[0].to_string(), "Disk nearly full");
/// assert_eq!(taken[0].tags, "disk warning");
/// assert_eq!(taken[0].url.as_deref(), Some("/disks/1"));
/// assert!(taken.is_complete() && taken.unread() == 0);
/// # });
/// # let app = Router::new().route("/", page).layer(MessagesLayer::new(Key::generate()));
/// # let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
/// # assert!(response.status().is_success()); }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Taken {
    pub(super) shown: Vec<Shown>,
    pub(super) unread: u64,
    pub(super) complete: bool,
}

impl Taken {
    /// How many stored messages are unread beside those in here.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// False when something is missing: the store or the session could not be read, or some
    /// messages did not fit where they were kept. The log says what.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

impl Deref for Taken {
    type Target = [Shown];

    fn deref(&self) -> &[Shown] {
        &self.shown
    }
}

impl IntoIterator for Taken {
    type Item = Shown;
    type IntoIter = std::vec::IntoIter<Shown>;

    fn into_iter(self) -> Self::IntoIter {
        self.shown.into_iter()
    }
}

impl<'a> IntoIterator for &'a Taken {
    type Item = &'a Shown;
    type IntoIter = std::slice::Iter<'a, Shown>;

    fn into_iter(self) -> Self::IntoIter {
        self.shown.iter()
    }
}

impl Serialize for Taken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown.serialize(serializer)
    }
}

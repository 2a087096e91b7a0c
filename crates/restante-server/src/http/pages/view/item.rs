use std::time::SystemTime;

use jiff::Timestamp;
use restante::Item;

use super::data::Data;
use super::level::LevelView;
use crate::dates;
use crate::http::link::Link;

/// The message that is open, with everything about it.
pub(super) struct ItemView {
    pub(super) id: String,
    pub(super) level: LevelView,
    /// The level, and the first tag if there is one: texts have no subject.
    pub(super) heading: String,
    pub(super) unread: bool,
    pub(super) everyone: bool,
    pub(super) text: String,
    pub(super) tags: Vec<String>,
    pub(super) link: Option<Link>,
    pub(super) data: Option<Data>,
    pub(super) time: String,
    pub(super) time_full: String,
    pub(super) ago: String,
    pub(super) postmark: Postmark,
    /// When it was read, where that is known.
    pub(super) read: Option<String>,
    /// When it leaves inbox and archive.
    pub(super) leaves: Option<String>,
}

/// The day and the hour on its stamp.
pub(super) struct Postmark {
    pub(super) day: String,
    pub(super) hour: String,
}

impl ItemView {
    pub(super) fn new(now: SystemTime, item: &Item) -> Self {
        let message = &item.message;
        let level = LevelView::new(message.level());
        let tags: Vec<String> = message.tags().map(str::to_owned).collect();
        let heading = match tags.first() {
            Some(tag) => format!("{}: {tag}", level.word),
            None => level.word.clone(),
        };
        Self {
            id: item.id.to_string(),
            level,
            heading,
            unread: item.unread,
            everyone: item.everyone,
            text: message.text().to_owned(),
            tags,
            link: message.link().and_then(Link::new),
            data: message.raw_data().map(Data::new),
            time: dates::machine(item.date),
            time_full: dates::full(item.date),
            ago: dates::ago(now, item.date),
            postmark: Postmark::new(item.date),
            read: item.read_at.map(|read| dates::ago(now, read)),
            leaves: item.expires_at.map(dates::full),
        }
    }
}

impl Postmark {
    fn new(date: SystemTime) -> Self {
        let date = Timestamp::try_from(date).unwrap_or(Timestamp::UNIX_EPOCH);
        let day = date.strftime("%-d %b").to_string().to_uppercase();
        Self { day, hour: date.strftime("%H:%M").to_string() }
    }
}

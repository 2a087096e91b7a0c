use std::time::SystemTime;

use restante::store::SentMessage;
use restante::{Item, Message};

use super::level::LevelView;
use super::number::{counted, grouped, percent};
use crate::dates;
use crate::http::link::Link;

/// What any list shows of a message.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) level: LevelView,
    pub(super) text: String,
    /// The beginning of the text, to tell one button from the next.
    pub(super) short: String,
    pub(super) tags: Vec<String>,
    pub(super) link: Option<Link>,
}

/// A time as a page shows it.
#[derive(Debug)]
pub(super) struct Time {
    pub(super) machine: String,
    pub(super) full: String,
    pub(super) ago: String,
}

/// A sent message, before anybody counted.
#[derive(Debug)]
pub(super) struct SentRow {
    pub(super) id: String,
    pub(super) said: Said,
    pub(super) to: String,
    pub(super) sender: String,
    pub(super) sent: Time,
    pub(super) retracted: Option<Time>,
}

/// How many got and read it.
#[derive(Debug)]
pub(super) struct Counts {
    /// `None` for everyone: nobody is delivered to.
    pub(super) delivered: Option<String>,
    pub(super) read: String,
    /// Of those it was delivered to, how many of a hundred read it.
    pub(super) read_share: Option<u64>,
}

/// An item of a user's inbox.
#[derive(Debug)]
pub(super) struct ItemRow {
    pub(super) said: Said,
    pub(super) unread: bool,
    pub(super) everyone: bool,
    pub(super) sent: Time,
}

impl Said {
    pub(super) fn new(message: &Message) -> Self {
        Self {
            level: message.level().into(),
            text: message.text().to_owned(),
            short: message.text().chars().take(32).collect(),
            tags: message.tags().map(str::to_owned).collect(),
            link: message.link().and_then(Link::new),
        }
    }
}

impl Time {
    pub(super) fn new(now: SystemTime, time: SystemTime) -> Self {
        Self { machine: dates::machine(time), full: dates::full(time), ago: dates::ago(now, time) }
    }
}

impl SentRow {
    /// `sender` is its name, where the id of a key says little.
    pub(super) fn new(now: SystemTime, sent: &SentMessage, sender: String) -> Self {
        Self {
            id: sent.id.to_string(),
            said: Said::new(&sent.message),
            to: sent.recipients.map_or("everyone".to_owned(), |users| counted(users, "user")),
            sender,
            sent: Time::new(now, sent.date),
            retracted: sent.retracted_at.map(|time| Time::new(now, time)),
        }
    }
}

impl Counts {
    pub(super) fn new(delivered: Option<u64>, read: u64) -> Self {
        Self {
            delivered: delivered.map(grouped),
            read: grouped(read),
            read_share: delivered.filter(|&all| all > 0).map(|all| percent(read, all)),
        }
    }
}

impl ItemRow {
    pub(super) fn new(now: SystemTime, item: &Item) -> Self {
        Self {
            said: Said::new(&item.message),
            unread: item.unread,
            everyone: item.everyone,
            sent: Time::new(now, item.date),
        }
    }
}

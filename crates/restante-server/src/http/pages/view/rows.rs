use std::collections::HashMap;
use std::time::SystemTime;

use restante::{Item, ItemId};

use super::level::LevelView;
use crate::dates;
use crate::http::link::Link;
use crate::http::pages::list_query::ListQuery;

/// How much of a text a row holds: more than fits its lines. The item's own page has all of it.
const EXCERPT_CHARS: usize = 400;
/// The beginning of a text, to tell one button from the next.
const SHORT_CHARS: usize = 40;

/// The items of one day.
pub(super) struct Day {
    /// The same for the same day of the same list, so that a script can tell what is new.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
}

/// One item.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) level: LevelView,
    pub(super) unread: bool,
    pub(super) everyone: bool,
    /// Whether it is the one that is shown beside the list.
    pub(super) is_open: bool,
    pub(super) text: String,
    pub(super) short: String,
    /// The item's own page.
    pub(super) path: String,
    pub(super) link: Option<Link>,
    pub(super) tags: Vec<String>,
    pub(super) time: String,
    pub(super) time_full: String,
    pub(super) ago: String,
}

pub(super) fn days(
    now: SystemTime,
    query: &ListQuery,
    items: &[Item],
    open: Option<ItemId>,
) -> Vec<Day> {
    let mut days: Vec<(_, Day)> = Vec::new();
    // A message from a clock that was wrong may stand between those of another day.
    let mut times: HashMap<_, u32> = HashMap::new();
    for item in items {
        let (date, row) = (dates::day(item.date), Row::new(now, query, item, open));
        match days.last_mut() {
            Some((last, day)) if *last == date => day.rows.push(row),
            _ => {
                let time = times.entry(date).and_modify(|times| *times += 1).or_default();
                let key = format!("day-{date}-{time}");
                let name = dates::day_name(now, date);
                days.push((date, Day { key, name, rows: vec![row] }));
            }
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

impl Row {
    fn new(now: SystemTime, query: &ListQuery, item: &Item, open: Option<ItemId>) -> Self {
        let message = &item.message;
        Self {
            id: item.id.to_string(),
            level: LevelView::new(message.level()),
            unread: item.unread,
            everyone: item.everyone,
            is_open: open == Some(item.id),
            text: beginning(message.text(), EXCERPT_CHARS),
            short: beginning(message.text(), SHORT_CHARS),
            path: query.item_path(item.id),
            link: message.link().and_then(Link::new),
            tags: message.tags().map(str::to_owned).collect(),
            time: dates::machine(item.date),
            time_full: dates::full(item.date),
            ago: dates::ago(now, item.date),
        }
    }
}

fn beginning(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

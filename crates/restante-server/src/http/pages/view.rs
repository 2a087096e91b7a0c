//! Items as the inbox template shows them.

use std::time::SystemTime;

use askama::Template;
use restante::{Item, Level, Page, Shown, View};

use super::link::Link;
use super::list_query::ListQuery;
use super::signed_in::SignedIn;
use crate::dates;
use crate::http::Site;

/// The inbox page.
#[derive(Template)]
#[template(path = "inbox.html")]
pub(super) struct InboxPage<'a> {
    base: &'a str,
    user: String,
    can_sign_out: bool,
    flash: Vec<Said>,
    form_token: String,
    as_of: String,
    unread: u64,
    shown: usize,
    is_archive: bool,
    is_filtered: bool,
    days: Vec<Day>,
    query: ListQuery,
    unread_path: String,
    archive_path: String,
    levels: Vec<Choice>,
    tags: Vec<Choice>,
    newest: Option<String>,
    older: Option<String>,
    everything: String,
}

/// What the last request has to say.
struct Said {
    level: LevelView,
    text: String,
}

/// The items of one day.
struct Day {
    name: String,
    rows: Vec<Row>,
}

/// One item.
struct Row {
    id: String,
    level: LevelView,
    unread: bool,
    everyone: bool,
    text: String,
    /// The beginning of the text, to tell one button from the next.
    short: String,
    link: Option<Link>,
    tags: Vec<Choice>,
    time: String,
    time_full: String,
    ago: String,
}

/// A link that narrows the list.
struct Choice {
    name: String,
    path: String,
    level: LevelView,
    is_current: bool,
}

/// A level's word, its style and icon.
#[derive(Clone)]
struct LevelView {
    word: String,
    style: &'static str,
    icon: &'static str,
}

impl<'a> InboxPage<'a> {
    pub(super) fn new(
        site: &'a Site,
        now: SystemTime,
        signed_in: &SignedIn,
        form_token: String,
        query: ListQuery,
        page: &Page,
    ) -> Self {
        let is_archive = query.filter().is_ok_and(|filter| filter.view == View::Archive);
        let unread_path = query.view(View::Unread).path();
        Self {
            base: site.base(),
            user: signed_in.user.to_string(),
            can_sign_out: signed_in.has_cookie,
            flash: Vec::new(),
            form_token,
            as_of: page.as_of.to_string(),
            unread: page.unread,
            shown: page.items.len(),
            is_archive,
            is_filtered: query.is_filtered(),
            levels: level_choices(&query),
            tags: tag_choices(&query, &page.items),
            unread_path,
            archive_path: query.view(View::Archive).path(),
            newest: (!query.after.is_empty()).then(|| query.newest().path()),
            older: page.next.map(|next| query.after(next.to_string()).path()),
            everything: query.level("").tag("").path(),
            days: days(now, &query, &page.items),
            query,
        }
    }

    /// The page with what is to be said once on top.
    pub(super) fn with_flash(mut self, said: &[Shown]) -> Self {
        let said = said.iter();
        self.flash = said
            .map(|said| Said { level: LevelView::new(said.level), text: said.message.clone() })
            .collect();
        self
    }

    /// The level and tag chosen, in words.
    fn chosen(&self) -> String {
        let current = self.levels.iter().skip(1).chain(&self.tags).filter(|c| c.is_current);
        current.map(|choice| choice.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn days(now: SystemTime, query: &ListQuery, items: &[Item]) -> Vec<Day> {
    let mut days: Vec<(_, Day)> = Vec::new();
    for item in items {
        let (date, row) = (dates::day(item.date), Row::new(now, query, item));
        match days.last_mut() {
            Some((last, day)) if *last == date => day.rows.push(row),
            _ => days.push((date, Day { name: dates::day_name(now, date), rows: vec![row] })),
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

impl Row {
    fn new(now: SystemTime, query: &ListQuery, item: &Item) -> Self {
        let message = &item.message;
        Self {
            id: item.id.to_string(),
            level: LevelView::new(message.level()),
            unread: item.unread,
            everyone: item.everyone,
            text: message.text().to_owned(),
            short: message.text().chars().take(32).collect(),
            link: message.link().and_then(Link::new),
            tags: message.tags().map(|tag| Choice::tag(query, tag)).collect(),
            time: dates::machine(item.date),
            time_full: dates::full(item.date),
            ago: dates::ago(now, item.date),
        }
    }
}

impl Choice {
    fn level(query: &ListQuery, level: Level) -> Self {
        let view = LevelView::new(level);
        let is_current = query.level.parse().is_ok_and(|chosen: Level| chosen == level);
        let path = query.level(&level.to_string()).path();
        Self { name: view.word.clone(), path, level: view, is_current }
    }

    fn tag(query: &ListQuery, tag: &str) -> Self {
        let is_current = query.tag == tag;
        // The chosen one leads back to all.
        let path = query.tag(if is_current { "" } else { tag }).path();
        Self { name: tag.to_owned(), path, level: LevelView::every(), is_current }
    }
}

/// Every level, the five usual ones, and the chosen one if it is none of them.
fn level_choices(query: &ListQuery) -> Vec<Choice> {
    let every = Choice {
        name: "Every level".to_owned(),
        path: query.level("").path(),
        level: LevelView::every(),
        is_current: query.level.is_empty(),
    };
    let usual = [Level::ERROR, Level::WARNING, Level::SUCCESS, Level::INFO, Level::DEBUG];
    let other = query.level.parse().ok().filter(|level| !usual.contains(level));
    let levels = usual.into_iter().chain(other).map(|level| Choice::level(query, level));
    std::iter::once(every).chain(levels).collect()
}

/// The chosen tag and those of the items shown: nothing knows all tags of an inbox.
fn tag_choices(query: &ListQuery, items: &[Item]) -> Vec<Choice> {
    let chosen = Some(query.tag.as_str()).filter(|tag| !tag.is_empty());
    let mut names: Vec<&str> = chosen.into_iter().collect();
    for tag in items.iter().flat_map(|item| item.message.tags()) {
        if !names.contains(&tag) && names.len() < 24 {
            names.push(tag);
        }
    }
    names.into_iter().map(|tag| Choice::tag(query, tag)).collect()
}

impl LevelView {
    fn new(level: Level) -> Self {
        // A stored twin looks like its base: everything in an inbox is stored.
        let (word, style, icon) = match level.base().tag() {
            "debug" => ("Debug", "debug", "i-debug"),
            "info" => ("Info", "info", "i-info"),
            "success" => ("Success", "success", "i-success"),
            "warning" => ("Warning", "warning", "i-warning"),
            "error" => ("Error", "error", "i-error"),
            _ => {
                return Self { word: format!("Level {level}"), style: "custom", icon: "i-tag" };
            }
        };
        Self { word: word.to_owned(), style, icon }
    }

    fn every() -> Self {
        Self { word: String::new(), style: "", icon: "" }
    }
}

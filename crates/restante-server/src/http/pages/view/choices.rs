use restante::{Item, Level};

use super::level::LevelView;
use crate::http::pages::list_query::ListQuery;

/// How many tags are offered at most.
const TAGS: usize = 24;

/// A link that narrows the list.
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) path: String,
    /// `None` for every level, and for tags.
    pub(super) level: Option<LevelView>,
    pub(super) is_current: bool,
}

impl Choice {
    fn level(query: &ListQuery, level: Level) -> Self {
        let view = LevelView::new(level);
        let is_current = query.level.parse().is_ok_and(|chosen: Level| chosen == level);
        let path = query.level(&level.to_string()).path();
        Self { name: view.word.clone(), path, level: Some(view), is_current }
    }

    fn tag(query: &ListQuery, tag: &str) -> Self {
        let is_current = query.tag == tag;
        // The chosen one leads back to all.
        let path = query.tag(if is_current { "" } else { tag }).path();
        Self { name: tag.to_owned(), path, level: None, is_current }
    }
}

/// Every level, the five usual ones, and the chosen one if it is none of them.
pub(super) fn level_choices(query: &ListQuery) -> Vec<Choice> {
    let every = Choice {
        name: "Every level".to_owned(),
        path: query.level("").path(),
        level: None,
        is_current: query.level.is_empty(),
    };
    let usual = [Level::ERROR, Level::WARNING, Level::SUCCESS, Level::INFO, Level::DEBUG];
    let other = query.level.parse().ok().filter(|level| !usual.contains(level));
    let levels = usual.into_iter().chain(other).map(|level| Choice::level(query, level));
    std::iter::once(every).chain(levels).collect()
}

/// The chosen tag and those of the items shown: nothing knows all tags of an inbox.
pub(super) fn tag_choices(query: &ListQuery, items: &[Item]) -> Vec<Choice> {
    let chosen = Some(query.tag.as_str()).filter(|tag| !tag.is_empty());
    let mut names: Vec<&str> = chosen.into_iter().collect();
    for tag in items.iter().flat_map(|item| item.message.tags()) {
        if !names.contains(&tag) && names.len() < TAGS {
            names.push(tag);
        }
    }
    names.into_iter().map(|tag| Choice::tag(query, tag)).collect()
}

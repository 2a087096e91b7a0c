use std::time::SystemTime;

use askama::Template;
use restante::{Item, Page, Shown, View};

use super::choices::{Choice, level_choices, tag_choices};
use super::item::ItemView;
use super::level::LevelView;
use super::rows::{Day, days};
use crate::http::Site;
use crate::http::pages::list_query::ListQuery;
use crate::http::pages::signed_in::SignedIn;

/// The inbox page, and the page of one item beside its list.
#[derive(Template)]
#[template(path = "inbox.html")]
pub(in crate::http::pages) struct InboxPage<'a> {
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
    open: Option<ItemView>,
    days: Vec<Day>,
    query: ListQuery,
    list_path: String,
    unread_path: String,
    archive_path: String,
    levels: Vec<Choice>,
    tags: Vec<Choice>,
    newest: Option<String>,
    older: Option<String>,
    everything: String,
    unsearched: String,
}

/// What the last request has to say.
struct Said {
    level: LevelView,
    text: String,
}

impl<'a> InboxPage<'a> {
    pub(in crate::http::pages) fn new(
        site: &'a Site,
        now: SystemTime,
        signed_in: &SignedIn,
        form_token: String,
        query: ListQuery,
        page: &Page,
        open: Option<&Item>,
    ) -> Self {
        Self {
            base: site.base(),
            user: signed_in.user.to_string(),
            can_sign_out: signed_in.has_cookie,
            flash: Vec::new(),
            form_token,
            as_of: page.as_of.to_string(),
            unread: page.unread,
            shown: page.items.len(),
            is_archive: query.filter().is_ok_and(|filter| filter.view == View::Archive),
            is_filtered: query.is_filtered(),
            open: open.map(|item| ItemView::new(now, item)),
            days: days(now, &query, &page.items, open.map(|item| item.id)),
            list_path: query.path(),
            unread_path: query.view(View::Unread).path(),
            archive_path: query.view(View::Archive).path(),
            levels: level_choices(&query),
            tags: tag_choices(&query, &page.items),
            newest: (!query.after.is_empty()).then(|| query.newest().path()),
            older: page.next.map(|next| query.after(next.to_string()).path()),
            everything: query.level("").tag("").search("").path(),
            unsearched: query.search("").path(),
            query,
        }
    }

    /// The page with what is to be said once on top.
    pub(in crate::http::pages) fn with_flash(mut self, said: &[Shown]) -> Self {
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

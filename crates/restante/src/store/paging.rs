//! A user's page, made of what a database answers and of the broadcasts that are kept in memory.

use std::collections::HashMap;

use crate::store::shared_view::{Body, Broadcast, SharedView};
use crate::store::state::{Row, State};
use crate::store::user_view::{UserRow, UserView, read_at};
use crate::{AsOf, Count, Cursor, Filter, Matcher, Page, UserId, View, limits};

/// What is asked of one user's items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) now: i64,
    pub(crate) user: &'a UserId,
    pub(crate) view: View,
    /// Items below this position.
    pub(crate) below: i64,
    /// At most so many personal ones; 0 for the counts alone.
    pub(crate) at_most: usize,
}

/// What the database answers.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) user: UserView,
    /// Unread personal items.
    pub(crate) unread: u64,
    /// The highest position of a new personal item or of marking one unread.
    pub(crate) newest: i64,
    /// Newest first.
    pub(crate) items: Vec<Personal>,
}

#[derive(Debug)]
pub(crate) struct Personal {
    pub(crate) row: Row,
    pub(crate) body: Body,
    /// When the first mark at or above it was made, if that matters.
    pub(crate) marked: Option<i64>,
}

/// What to ask for a page.
pub(crate) fn asked<'a>(now: i64, user: &'a UserId, filter: &Filter) -> Ask<'a> {
    let below = filter.after.map_or(i64::MAX, Cursor::position);
    // One more tells whether there is a next page.
    Ask { now, user, view: filter.view, below, at_most: filter.limit + 1 }
}

pub(crate) fn count(now: i64, answer: &Answer, view: &SharedView) -> Count {
    let everyone = answer.user.unread_broadcasts(view, now) as u64;
    let newest = answer.newest.max(answer.user.newest_seen(view));
    let as_of = newest.max(answer.user.user.read_through);
    Count { unread: answer.unread + everyone, as_of: AsOf::new(as_of, as_of) }
}

/// A page in the making.
pub(crate) struct Paging<'a> {
    now: i64,
    filter: &'a Filter,
    matcher: Matcher<'a>,
    page: Page,
    pub(crate) user: UserRow,
    found: Vec<(Row, Body, Option<i64>)>,
    scanned: usize,
    last: i64,
}

impl<'a> Paging<'a> {
    pub(crate) fn new(now: i64, filter: &'a Filter, answer: &Answer, view: &SharedView) -> Self {
        let Count { unread, as_of } = count(now, answer, view);
        let as_of = filter.after.map_or(as_of, Cursor::as_of);
        let page = Page { items: Vec::new(), next: None, unread, as_of };
        let last = filter.after.map_or(i64::MAX, Cursor::position);
        let user = answer.user.user;
        Self {
            now,
            filter,
            matcher: filter.matcher(),
            page,
            user,
            found: Vec::new(),
            scanned: 0,
            last,
        }
    }

    /// Merges personal items and broadcasts below a position, newest first. At the end of the
    /// personal ones come all broadcasts that are left.
    pub(crate) fn take(&mut self, answer: Answer, view: &SharedView, below: i64, is_end: bool) {
        let Answer { user, items, .. } = answer;
        let lowest = if is_end { 0 } else { items.last().map_or(0, |item| item.row.position) };
        let broadcasts = view.below(below).iter().rev();
        let mut everyone = broadcasts.take_while(|b| b.position > lowest).peekable();
        let mut personal = items.into_iter().peekable();
        loop {
            let next = personal.peek().map_or(0, |item| item.row.position);
            let (row, body, marked) = if let Some(b) = everyone.next_if(|b| b.position > next) {
                let Some(row) = self.shown(&user, b) else { continue };
                (row, b.body.clone(), None)
            } else if let Some(item) = personal.next() {
                (item.row, item.body, item.marked)
            } else {
                return;
            };
            let (found, limit) = (self.found.len(), self.filter.limit);
            let is_enough = self.filter.is_selective() && self.scanned == limits::SCANNED_ITEMS;
            if found == limit || is_enough {
                self.page.next = Some(Cursor::new(self.last, self.page.as_of));
                return;
            }
            self.scanned += 1;
            self.last = row.position;
            if self.matcher.matches(&body.message) {
                self.found.push((row, body, marked));
            }
        }
    }

    /// The user's row of a broadcast that belongs into this list.
    fn shown(&self, user: &UserView, broadcast: &Broadcast) -> Option<Row> {
        let row = user.row(broadcast);
        let is_shown = row.state != State::Dismissed
            && user.is_eligible(broadcast)
            && broadcast.body.is_live(self.now);
        let belongs = match self.filter.view {
            View::Unread => row.is_unread(user.user.read_through, self.now),
            View::Archive => true,
        };
        (is_shown && belongs).then_some(row)
    }

    /// Those items of which it is not known yet when the first mark at or above them was made.
    pub(crate) fn undated(&self) -> Vec<Row> {
        let undated = self.found.iter().filter(|(.., marked)| marked.is_none());
        undated.map(|(row, ..)| *row).collect()
    }

    /// The page, with the marks of [`undated`](Self::undated) items, as (position, time). They may be
    /// looked up at a later moment: the first mark at or above a position that is already marked
    /// never changes.
    pub(crate) fn finish(self, marks: Vec<(i64, i64)>) -> Page {
        let Self { now, user, found, mut page, .. } = self;
        let marks: HashMap<i64, i64> = marks.into_iter().collect();
        let view = UserView { user, seen: Vec::new() };
        page.items = found
            .into_iter()
            .map(|(row, body, marked)| {
                let marked = marked.or_else(|| marks.get(&row.position).copied());
                let read_at = read_at(&user, &row, marked);
                view.item(now, &row, body, read_at)
            })
            .collect();
        page
    }

    /// Whether it has all that belongs to it.
    pub(crate) fn is_full(&self) -> bool {
        self.page.next.is_some()
    }
}

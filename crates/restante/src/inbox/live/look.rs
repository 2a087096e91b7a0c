//! What an inbox has that a stream has not told yet.

use crate::{AsOf, Count, Cursor, Error, Filter, Inbox, Item, Page};

/// How many items are looked at first. Mostly one is new.
const FIRST: usize = 4;
/// How many are told at once when there are more.
const MORE: usize = 100;
/// How many pages of those are made up for. Who missed more reads its list, and is not told.
const PAGES: usize = 100;

/// One look, from one snapshot.
#[derive(Debug)]
pub(super) struct Looked {
    /// Oldest first; what `more` holds is older.
    pub(super) new: Vec<Item>,
    pub(super) count: Count,
    /// All that this look saw, and what was seen before.
    pub(super) reached: AsOf,
    /// Where pages with further new items begin, the oldest last.
    pub(super) more: Vec<Cursor>,
    /// There was more than is made up for.
    pub(super) is_cut: bool,
}

/// Looks for what is not within `seen`; without it nothing is new.
pub(super) async fn look(inbox: Inbox, seen: Option<AsOf>) -> Result<Looked, Error> {
    // The archive: what was read on another device meanwhile is new to this one all the same.
    let page = inbox.list(Filter::archive().limit(FIRST)).await?;
    let (count, mut next) = (Count { unread: page.unread, as_of: page.as_of }, page.next);
    // `as_of` alone may be older than an item that was read.
    let reached = page.items.iter().fold(page.as_of, with);
    let Some(seen) = seen else {
        return Ok(Looked { new: Vec::new(), count, reached, more: Vec::new(), is_cut: false });
    };
    let reached = AsOf::new(
        reached.personal().max(seen.personal()),
        reached.broadcast().max(seen.broadcast()),
    );
    let oldest = oldest_new(page.as_of, seen);
    let (mut is_whole, new) = unseen(page, seen);
    let mut more = Vec::new();
    // Only where each page goes on is kept: a reader that was away for long may have missed more
    // than belongs in memory.
    while let Some(cursor) = next.filter(|cursor| is_whole || cursor.position() > oldest) {
        if more.len() == PAGES {
            return Ok(Looked { new: Vec::new(), count, reached, more: Vec::new(), is_cut: true });
        }
        let page = older(&inbox, cursor).await?;
        next = page.next;
        let (is_all, new) = unseen(page, seen);
        is_whole = is_all;
        if !new.is_empty() {
            more.push(cursor);
        }
    }
    Ok(Looked { new, count, reached, more, is_cut: false })
}

/// The position of something new, where anything is. Mostly new items are above all others; but where
/// messages to everyone take their positions by another clock, one may come below what was seen.
fn oldest_new(now: AsOf, seen: AsOf) -> i64 {
    let parts = [(now.personal(), seen.personal()), (now.broadcast(), seen.broadcast())];
    let new = parts.into_iter().filter(|(now, seen)| now > seen);
    new.map(|(now, _)| now).min().unwrap_or(i64::MAX)
}

/// The new items of a further page, oldest first.
pub(super) async fn look_on(inbox: Inbox, cursor: Cursor, seen: AsOf) -> Result<Vec<Item>, Error> {
    Ok(unseen(older(&inbox, cursor).await?, seen).1)
}

async fn older(inbox: &Inbox, cursor: Cursor) -> Result<Page, Error> {
    inbox.list(Filter::archive().limit(MORE).after(cursor)).await
}

/// The new items, oldest first, and whether all of them are.
fn unseen(page: Page, seen: AsOf) -> (bool, Vec<Item>) {
    let number = page.items.len();
    let mut new: Vec<_> = page.items.into_iter().filter(|item| !is_within(item, seen)).collect();
    new.reverse();
    (new.len() == number, new)
}

fn is_within(item: &Item, seen: AsOf) -> bool {
    let newest = if item.everyone { seen.broadcast() } else { seen.personal() };
    item.id.value() <= newest
}

/// Everything up to this item, after what was seen before it.
pub(super) fn with(seen: AsOf, item: &Item) -> AsOf {
    let id = item.id.value();
    if item.everyone {
        AsOf::new(seen.personal(), seen.broadcast().max(id))
    } else {
        AsOf::new(seen.personal().max(id), seen.broadcast())
    }
}

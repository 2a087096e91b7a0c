//! A user's pages, counts and single items.

use std::collections::HashMap;

use super::paging::{self, Answer, Ask};
use super::readers::Readers;
use super::session::Session;
use super::{Result, messages, rows};
use crate::store::shared_view::{Body, Broadcast, SharedView};
use crate::store::state::{Row, State};
use crate::store::user_view::{UserRow, UserView, seen};
use crate::{AsOf, Count, Cursor, Filter, Item, ItemId, Matcher, Page, UserId, View, limits};

/// How many items a filtered page looks at in one go.
const LOOK: usize = 200;
/// How often a page is asked for again because broadcasts changed meanwhile.
const TRIES: u32 = 5;

const GET: &str = "
    SELECT u.id, u.joined, u.read_through, d.state, d.position, d.until, d.at,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
    FROM restante_users u
    JOIN restante_deliveries d
        ON d.user_id = u.id AND d.state IN (0, 1, 2) AND d.position = $2
    JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
    WHERE u.key = $1 AND m.expires_at > $3 AND m.retracted_at IS NULL";
const GET_BROADCAST: &str = "
    SELECT u.id, u.joined, u.read_through, s.state, b.position, b.until, s.at,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data, b.newcomers
    FROM restante_broadcasts b JOIN restante_messages m ON m.id = b.position
    LEFT JOIN restante_users u ON u.key = $1
    LEFT JOIN restante_seen s ON s.user_id = u.id AND s.position = b.position
    WHERE b.position = $2 AND b.expires_at > $3";

/// Asks with what is in memory, which is loaded anew where it is out of date. `None` when others
/// changed it all the time: then it takes a snapshot.
pub(super) async fn ask(
    session: &Session,
    readers: &Readers,
    wanted: Ask<'_>,
) -> Result<Option<(Answer, std::sync::Arc<SharedView>)>> {
    let mut view = readers.view();
    for _ in 0..TRIES {
        if let Some(answer) = paging::ask(session, &view, wanted).await? {
            return Ok(Some((answer, view)));
        }
        view = readers.load_view(session).await?;
    }
    Ok(None)
}

/// What to ask for a page.
pub(super) fn asked<'a>(now: i64, user: &'a UserId, filter: &Filter) -> Ask<'a> {
    let below = filter.after.map_or(i64::MAX, Cursor::position);
    // One more tells whether there is a next page.
    Ask { now, user, view: filter.view, below, at_most: filter.limit + 1 }
}

pub(super) fn count(now: i64, answer: &Answer, view: &SharedView) -> Count {
    let everyone = answer.user.unread_broadcasts(view, now) as u64;
    let newest = answer.newest.max(answer.user.newest_seen(view));
    let as_of = newest.max(answer.user.user.read_through);
    Count { unread: answer.unread + everyone, as_of: AsOf::new(as_of, as_of) }
}

/// A page without a level, tag or text to look for.
pub(super) async fn page(
    session: &Session,
    now: i64,
    filter: &Filter,
    answer: Answer,
    view: &SharedView,
) -> Result<Page> {
    let mut page = Paging::new(now, filter, &answer, view);
    let below = filter.after.map_or(i64::MAX, Cursor::position);
    page.take(answer, view, below, true);
    page.finish(session).await
}

/// A page with something to look for, in a snapshot: some items at a time, until it is full or
/// enough were looked at.
pub(super) async fn search(
    session: &Session,
    readers: &Readers,
    now: i64,
    user: &UserId,
    filter: &Filter,
) -> Result<Page> {
    let view = readers.load_view(session).await?;
    let mut wanted = Ask { at_most: LOOK, ..asked(now, user, filter) };
    let mut page: Option<Paging<'_>> = None;
    loop {
        let answer = paging::ask(session, &view, wanted).await?;
        // The view is of this very snapshot.
        let Some(answer) = answer else { break };
        let is_end = answer.items.len() < LOOK;
        let last = answer.items.last().map(|item| item.row.position);
        let page = page.get_or_insert_with(|| Paging::new(now, filter, &answer, &view));
        page.take(answer, &view, wanted.below, is_end);
        match last {
            Some(last) if !is_end && page.page.next.is_none() => wanted.below = last,
            _ => break,
        }
    }
    match page {
        Some(page) => page.finish(session).await,
        None => Ok(Page { items: Vec::new(), next: None, unread: 0, as_of: AsOf::default() }),
    }
}

/// A page in the making.
struct Paging<'a> {
    now: i64,
    filter: &'a Filter,
    matcher: Matcher<'a>,
    page: Page,
    user: UserRow,
    found: Vec<(Row, Body, Option<i64>)>,
    scanned: usize,
    last: i64,
}

impl<'a> Paging<'a> {
    fn new(now: i64, filter: &'a Filter, answer: &Answer, view: &SharedView) -> Self {
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
    fn take(&mut self, answer: Answer, view: &SharedView, below: i64, is_end: bool) {
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

    /// The page, with the times at which broadcasts were read. Marks are looked up in a statement of
    /// their own, which may be of a later moment: the first mark at or above a position that is
    /// already marked never changes.
    async fn finish(self, session: &Session) -> Result<Page> {
        let Self { now, user, found, mut page, .. } = self;
        let everyone = found.iter().map(|(row, ..)| *row);
        let everyone: Vec<Row> =
            everyone.filter(|row| ItemId::new(row.position).is_broadcast()).collect();
        let marks: HashMap<i64, i64> =
            rows::marked(session, &user, &everyone).await?.into_iter().collect();
        let view = UserView { user, seen: Vec::new() };
        page.items = found
            .into_iter()
            .map(|(row, body, marked)| {
                let marked = marked.or_else(|| marks.get(&row.position).copied());
                let read_at = rows::read_at(&user, &row, marked);
                view.item(now, &row, body, read_at)
            })
            .collect();
        Ok(page)
    }
}

pub(super) async fn get(
    session: &Session,
    now: i64,
    user: &UserId,
    id: ItemId,
) -> Result<Option<Item>> {
    let sql = if id.is_broadcast() { GET_BROADCAST } else { GET };
    let Some(found) = session.query_opt(sql, &[&user.as_str(), &id.value(), &now]).await? else {
        return Ok(None);
    };
    let user = UserRow {
        id: found.try_get::<_, Option<i64>>(0)?.unwrap_or(0),
        joined: found.try_get(1)?,
        read_through: found.try_get::<_, Option<i64>>(2)?.unwrap_or(0),
    };
    let body = messages::body(&found, 7)?;
    let row = if id.is_broadcast() {
        let (position, until): (i64, i64) = (found.try_get(4)?, found.try_get(5)?);
        let is_eligible =
            crate::store::state::is_eligible(found.try_get(14)?, body.sent_at, user.joined);
        let row = match found.try_get::<_, Option<i16>>(3)? {
            Some(state) => {
                let at = found.try_get(6)?;
                seen(position, rows::state(state), at, until, body.expires_at)
            }
            None => Row::new(position, until),
        };
        if !is_eligible || row.state == State::Dismissed {
            return Ok(None);
        }
        row
    } else {
        rows::delivery(&found, 3)?
    };
    let marked = rows::marked(session, &user, &[row]).await?;
    let read_at = rows::read_at(&user, &row, marked.first().map(|(_, at)| *at));
    Ok(Some(UserView { user, seen: Vec::new() }.item(now, &row, body, read_at)))
}

//! A user's pages, counts and single items.

use std::sync::Arc;

use super::asking;
use super::session::{Session, get};
use super::sql::key;
use super::view::Views;
use super::{Result, messages, rows};
use crate::store::paging::{Answer, Ask, Paging, asked};
use crate::store::shared_view::SharedView;
use crate::store::state::{Row, State, is_eligible};
use crate::store::user_view::{UserRow, UserView, read_at, seen};
use crate::{AsOf, Cursor, Filter, Item, ItemId, Page, UserId};

/// How many items a filtered page looks at in one go.
const LOOK: usize = 200;
/// How often a page is asked for again because broadcasts changed meanwhile.
const TRIES: u32 = 5;

const GET: &str = "
    SELECT u.id, u.joined, u.read_through, d.state, d.position, d.until, d.at,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
    FROM restante_users u
    STRAIGHT_JOIN restante_deliveries d
        ON d.user_id = u.id AND d.state IN (0, 1, 2) AND d.position = ?
    STRAIGHT_JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
    WHERE u.`key` = ? AND m.expires_at > ? AND m.retracted_at IS NULL";
const GET_BROADCAST: &str = "
    SELECT u.id, u.joined, u.read_through, s.state, b.position, b.until, s.at,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data, b.newcomers
    FROM restante_broadcasts b JOIN restante_messages m ON m.id = b.position
    LEFT JOIN restante_users u ON u.`key` = ?
    LEFT JOIN restante_seen s ON s.user_id = u.id AND s.position = b.position
    WHERE b.position = ? AND b.expires_at > ?";

/// Asks with what is in memory, which is loaded anew where it is out of date. `None` when others
/// changed it all the time: then it takes a snapshot.
pub(super) async fn ask(
    session: &Session,
    views: &Views,
    wanted: Ask<'_>,
) -> Result<Option<(Answer, Arc<SharedView>)>> {
    let mut view = views.newest();
    for _ in 0..TRIES {
        if let Some(answer) = asking::ask(session, &view, wanted, false).await? {
            return Ok(Some((answer, view)));
        }
        view = views.load(session, false).await?;
    }
    Ok(None)
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
    finish(session, page).await
}

/// A page with something to look for, in a snapshot: some items at a time, until it is full or
/// enough were looked at.
pub(super) async fn search(
    session: &Session,
    views: &Views,
    now: i64,
    user: &UserId,
    filter: &Filter,
) -> Result<Page> {
    let view = views.load(session, true).await?;
    let mut wanted = Ask { at_most: LOOK, ..asked(now, user, filter) };
    let mut page: Option<Paging<'_>> = None;
    loop {
        let answer = asking::ask(session, &view, wanted, true).await?;
        // The view is of this very snapshot.
        let Some(answer) = answer else { break };
        let is_end = answer.items.len() < LOOK;
        let last = answer.items.last().map(|item| item.row.position);
        let page = page.get_or_insert_with(|| Paging::new(now, filter, &answer, &view));
        page.take(answer, &view, wanted.below, is_end);
        match last {
            Some(last) if !is_end && !page.is_full() => wanted.below = last,
            _ => break,
        }
    }
    match page {
        Some(page) => finish(session, page).await,
        None => Ok(Page { items: Vec::new(), next: None, unread: 0, as_of: AsOf::default() }),
    }
}

async fn finish(session: &Session, page: Paging<'_>) -> Result<Page> {
    let marks = rows::marked(session, &page.user, &page.undated()).await?;
    Ok(page.finish(marks))
}

pub(super) async fn get_one(
    session: &Session,
    now: i64,
    user: &UserId,
    id: ItemId,
) -> Result<Option<Item>> {
    let (who, position) = (key(user), id.value().into());
    let found = if id.is_broadcast() {
        session.row(GET_BROADCAST, &[who, position, now.into()]).await?
    } else {
        session.row(GET, &[position, who, now.into()]).await?
    };
    let Some(found) = found else { return Ok(None) };
    let user = UserRow {
        id: get::<Option<i64>>(&found, 0)?.unwrap_or(0),
        joined: get(&found, 1)?,
        read_through: get::<Option<i64>>(&found, 2)?.unwrap_or(0),
    };
    let body = messages::body(&found, 7)?;
    let row = if id.is_broadcast() {
        let (position, until): (i64, i64) = (get(&found, 4)?, get(&found, 5)?);
        let row = match get::<Option<i64>>(&found, 3)? {
            Some(state) => {
                seen(position, rows::state(state), get(&found, 6)?, until, body.expires_at)
            }
            None => Row::new(position, until),
        };
        let is_theirs = is_eligible(get(&found, 14)?, body.sent_at, user.joined);
        if !is_theirs || row.state == State::Dismissed {
            return Ok(None);
        }
        row
    } else {
        rows::delivery(&found, 3)?
    };
    let marked = rows::marked(session, &user, &[row]).await?;
    let read_at = read_at(&user, &row, marked.first().map(|(_, at)| *at));
    Ok(Some(UserView { user, seen: Vec::new() }.item(now, &row, body, read_at)))
}

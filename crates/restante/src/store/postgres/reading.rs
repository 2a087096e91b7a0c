//! A user's pages, counts and single items.

use super::paging;
use super::readers::Readers;
use super::session::Session;
use super::{Result, messages, rows};
use crate::store::paging::{Answer, Ask, Paging, asked};
use crate::store::shared_view::SharedView;
use crate::store::state::{Row, State};
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

/// A page of unread items, of which none has been read.
pub(super) fn inbox(now: i64, filter: &Filter, answer: Answer, view: &SharedView) -> Page {
    let mut page = Paging::new(now, filter, &answer, view);
    let below = filter.after.map_or(i64::MAX, Cursor::position);
    page.take(answer, view, below, true);
    page.finish(Vec::new())
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
    let read_at = read_at(&user, &row, marked.first().map(|(_, at)| *at));
    Ok(Some(UserView { user, seen: Vec::new() }.item(now, &row, body, read_at)))
}

//! A user's pages, counts and single items.

use rusqlite::Connection;

use super::glance::{Glance, Newest};
use super::merging::Merge;
use super::readers::Snapshot;
use super::remembered::Remembered;
use super::rows;
use super::users;
use crate::store::shared_view::{Body, SharedView};
use crate::store::state::{Row, State};
use crate::store::user_view::{UserRow, UserView};
use crate::{AsOf, Count, Cursor, Filter, Item, ItemId, Page, UserId, View, limits};

pub(super) fn load(snapshot: &Snapshot<'_>, user: &UserId) -> rusqlite::Result<UserView> {
    let user = users::find(snapshot.conn, user)?;
    let has_broadcasts = !snapshot.view.broadcasts.is_empty();
    let seen = if has_broadcasts && user.id != 0 {
        rows::all_seen(snapshot.conn, user.id)?
    } else {
        Vec::new()
    };
    Ok(UserView { user, seen })
}

pub(super) fn item(
    conn: &Connection,
    now: i64,
    reader: &UserView,
    row: &Row,
    body: Body,
) -> rusqlite::Result<Item> {
    let read_at = rows::read_at(conn, &reader.user, row)?;
    Ok(reader.item(now, row, body, read_at))
}

/// How many items are unread, if it is remembered or one statement tells.
pub(super) fn remembered_count(
    conn: &Connection,
    view: &SharedView,
    remembered: &mut Remembered,
    now: i64,
    user: &UserId,
) -> rusqlite::Result<Option<Count>> {
    let is_current = remembered.is_current(conn)?;
    if is_current && let Some(count) = remembered.find(now, user) {
        return Ok(Some(count));
    }
    let Some((reader, count)) = quick_count(conn, view, now, user)? else {
        return Ok(None);
    };
    if is_current {
        let until = expiry_of_new(conn, now, &reader)?.min(view.next_expiry(now));
        remembered.keep(now, until, user, count);
    }
    Ok(Some(count))
}

/// When the first of the new items that count as unread leaves the inbox.
fn expiry_of_new(conn: &Connection, now: i64, user: &UserRow) -> rusqlite::Result<i64> {
    let mut select = conn.prepare_cached(
        "SELECT min(until) FROM restante_deliveries
         WHERE user_id = ?1 AND state = 1 AND position > ?2 AND until > ?3",
    )?;
    let seconds: Option<i64> =
        select.query_row((user.id, user.read_through, now / rows::SECOND), |row| row.get(0))?;
    Ok(seconds.map_or(i64::MAX, |seconds| seconds.saturating_mul(rows::SECOND)))
}

fn quick_count(
    conn: &Connection,
    view: &SharedView,
    now: i64,
    user: &UserId,
) -> rusqlite::Result<Option<(UserRow, Count)>> {
    let glance = Glance::at(conn, now, user)?;
    // That is a snapshot by itself; what else would have to be asked might be of another one.
    let is_all = glance.version == view.version
        && matches!(glance.newest, Newest::New(_))
        && (view.broadcasts.is_empty() || !glance.has_seen)
        && view.retracting.is_empty();
    if !is_all {
        return Ok(None);
    }
    let reader = UserView { user: glance.user, seen: Vec::new() };
    let count = finish_count(conn, view, now, &reader, &glance)?;
    Ok(Some((reader.user, count)))
}

/// The same in a snapshot, with the user as that has it.
pub(super) fn count(
    snapshot: &Snapshot<'_>,
    now: i64,
    user: &UserId,
) -> rusqlite::Result<(UserView, Count)> {
    let (conn, view) = (snapshot.conn, snapshot.view);
    let glance = Glance::at(conn, now, user)?;
    let seen = if glance.has_seen && !view.broadcasts.is_empty() {
        rows::all_seen(conn, glance.user.id)?
    } else {
        Vec::new()
    };
    let reader = UserView { user: glance.user, seen };
    let count = finish_count(conn, view, now, &reader, &glance)?;
    Ok((reader, count))
}

fn finish_count(
    conn: &Connection,
    view: &SharedView,
    now: i64,
    reader: &UserView,
    glance: &Glance,
) -> rusqlite::Result<Count> {
    let user = &reader.user;
    let mut unread = glance.new;
    let newest = match glance.newest {
        Newest::New(position) => position,
        Newest::Kept => {
            unread += count_kept(conn, now, user)?;
            newest(conn, user)?
        }
    };
    for position in &view.retracting {
        let row = rows::find_delivery(conn, user.id, *position)?;
        unread -= i64::from(row.is_some_and(|row| row.is_unread(user.read_through, now)));
    }
    let personal = u64::try_from(unread).unwrap_or(0);
    let everyone = reader.unread_broadcasts(view, now);
    let as_of = newest.max(reader.newest_seen(view)).max(user.read_through);
    Ok(Count { unread: personal + everyone as u64, as_of: AsOf::new(as_of, as_of) })
}

/// Those that were marked unread again, each until it expires.
fn count_kept(conn: &Connection, now: i64, user: &UserRow) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "SELECT count(*) FROM restante_deliveries WHERE user_id = ?1 AND state = 2 AND until > ?2",
    )?
    .query_row((user.id, now / rows::SECOND), |row| row.get(0))
}

/// The highest position of a new item, or at which an item was marked unread.
fn newest(conn: &Connection, user: &UserRow) -> rusqlite::Result<i64> {
    conn.prepare_cached(
        "SELECT max(
             ifnull((SELECT max(position) FROM restante_deliveries
                     WHERE user_id = ?1 AND state = 1), 0),
             ifnull((SELECT max(at) FROM restante_deliveries WHERE user_id = ?1 AND state = 2), 0))",
    )?
    .query_row([user.id], |row| row.get(0))
}

pub(super) fn list(
    snapshot: &mut Snapshot<'_>,
    now: i64,
    user: &UserId,
    filter: &Filter,
) -> rusqlite::Result<Page> {
    let (reader, Count { unread, as_of }) = count(snapshot, now, user)?;
    let as_of = filter.after.map_or(as_of, Cursor::as_of);
    let below = filter.after.map_or(i64::MAX, Cursor::position);
    let is_filtered = filter.is_selective();
    let (matcher, through) = (filter.matcher(), reader.user.read_through);
    let (mut scanned, mut last) = (0, below);
    let mut page = Page { items: Vec::with_capacity(filter.limit), next: None, unread, as_of };
    let (conn, view) = (snapshot.conn, snapshot.view);
    let mut personal = Merge::prepare(conn, filter.view)?;
    let mut personal = personal.query(&reader.user, below, now)?;
    let mut everyone = view.below(below).iter().rev().peekable();
    loop {
        // The newer of the two heads.
        let next_personal = personal.peek().map_or(0, |row| row.position);
        let from_everyone = everyone.next_if(|b| b.position > next_personal);
        let (row, body) = if let Some(broadcast) = from_everyone {
            let row = reader.row(broadcast);
            if row.state == State::Dismissed || !reader.is_eligible(broadcast) {
                continue;
            }
            (row, Some(broadcast.body.clone()))
        } else if let Some((row, body)) = personal.next()? {
            if view.retracting.contains(&row.position) {
                continue;
            }
            (row, body)
        } else {
            break;
        };
        if filter.view == View::Unread && !row.is_unread(through, now) {
            continue;
        }
        let body = match body {
            Some(body) => Some(body),
            None => snapshot.body(row.position)?,
        };
        let Some(body) = body.filter(|body| body.is_live(now)) else {
            continue;
        };
        if page.items.len() == filter.limit || (is_filtered && scanned == limits::SCANNED_ITEMS) {
            page.next = Some(Cursor::new(last, as_of));
            break;
        }
        scanned += 1;
        last = row.position;
        if matcher.matches(&body.message) {
            page.items.push(item(conn, now, &reader, &row, body)?);
        }
    }
    Ok(page)
}

pub(super) fn get(
    snapshot: &mut Snapshot<'_>,
    now: i64,
    user: &UserId,
    id: ItemId,
) -> rusqlite::Result<Option<Item>> {
    let (position, reader) = (id.value(), load(snapshot, user)?);
    let found = if id.is_broadcast() {
        let broadcast = snapshot.view.broadcast(position).filter(|b| reader.is_eligible(b));
        broadcast.map(|broadcast| (reader.row(broadcast), broadcast.body.clone()))
    } else if snapshot.view.retracting.contains(&position) {
        None
    } else {
        match rows::find_delivery(snapshot.conn, reader.user.id, position)? {
            Some(row) => snapshot.body(position)?.map(|body| (row, body)),
            None => None,
        }
    };
    match found {
        Some((row, body)) if row.state != State::Dismissed && body.is_live(now) => {
            Ok(Some(item(snapshot.conn, now, &reader, &row, body)?))
        }
        _ => Ok(None),
    }
}

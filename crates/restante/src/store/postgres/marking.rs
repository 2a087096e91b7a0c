//! A user's changes of items: rows are read, changed by the rules, and written back, inside the
//! writer's transaction.

use tokio_postgres::Row as SqlRow;

use super::session::{Parameters, Session};
use super::tx::Tx;
use super::{Result, directory, rows};
use crate::store::state::{Row, State, is_eligible};
use crate::store::user_view::{UserRow, read_at, seen};
use crate::{AsOf, EventKind, ItemId, UserId};

const FIND: &str = "
    SELECT u.id, u.joined, u.read_through, m.expires_at,
        CASE WHEN d.state = 1 AND d.position <= u.read_through THEN
            (SELECT k.at FROM restante_marks k WHERE k.user_id = u.id AND k.position >= d.position
             ORDER BY k.position LIMIT 1) END,
        d.state, d.position, d.until, d.at
    FROM restante_users u
    JOIN restante_deliveries d
        ON d.user_id = u.id AND d.state IN (0, 1, 2) AND d.position = ANY ($2)
    JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
    WHERE u.key = $1 AND m.expires_at > $3 AND m.retracted_at IS NULL";
const FIND_BROADCASTS: &str = "
    SELECT u.id, u.joined, u.read_through, b.expires_at,
        CASE WHEN b.position <= u.read_through THEN
            (SELECT k.at FROM restante_marks k WHERE k.user_id = u.id AND k.position >= b.position
             ORDER BY k.position LIMIT 1) END,
        s.state, b.position, b.until, s.at, b.newcomers, b.sent_at
    FROM restante_users u
    JOIN restante_broadcasts b ON b.position = ANY ($2)
    LEFT JOIN restante_seen s ON s.user_id = u.id AND s.position = b.position
    WHERE u.key = $1 AND b.expires_at > $3";
/// With the highest position at which something can be visible to the user now.
const FIND_USER: &str = "
    SELECT u.id, u.read_through, GREATEST(
        (SELECT max(d.position) FROM restante_deliveries d WHERE d.user_id = u.id AND d.state = 1),
        (SELECT max(d.at) FROM restante_deliveries d WHERE d.user_id = u.id AND d.state = 2),
        (SELECT max(s.at) FROM restante_seen s WHERE s.user_id = u.id AND s.state = 2),
        (SELECT max(b.position) FROM restante_broadcasts b),
        0)
    FROM restante_users u WHERE u.key = $1";
const MOVE: &str = "
    UPDATE restante_users SET read_through = $2, is_kept = true WHERE id = $1";
const MARK: &str = "INSERT INTO restante_marks(user_id, position, at) VALUES ($1, $2, $3)";
const KEPT: &str = "
    SELECT d.state, d.position, d.until, d.at FROM restante_deliveries d
    WHERE d.user_id = $1 AND d.state = 2";
const KEPT_BROADCASTS: &str = "
    SELECT s.position, s.at, b.until, b.expires_at
    FROM restante_seen s JOIN restante_broadcasts b ON b.position = s.position
    WHERE s.user_id = $1 AND s.state = 2";
pub(super) const HAS_JOINED: &str =
    "SELECT EXISTS (SELECT 1 FROM restante_users WHERE key = $1 AND joined IS NOT NULL)";
const JOIN: &str = "
    UPDATE restante_users SET joined = $2, is_kept = true WHERE key = $1 AND joined IS NULL";
pub(super) const IS_KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM restante_users WHERE key = $1)";
pub(super) const NEWEST_BROADCAST: &str =
    "SELECT COALESCE(max(position), 0) FROM restante_broadcasts";

/// An item that the user can see now.
struct Visible {
    user: UserRow,
    row: Row,
    expires_at: i64,
    read_at: Option<i64>,
}

/// Those of the user's items that are there, live and not dismissed.
async fn find(tx: &Tx, now: i64, user: &UserId, ids: &[ItemId]) -> Result<Vec<Visible>> {
    let (everyone, personal): (Vec<ItemId>, Vec<ItemId>) =
        ids.iter().partition(|id| id.is_broadcast());
    let ask = async |sql, ids: Vec<ItemId>| {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let positions: Vec<i64> = ids.into_iter().map(ItemId::value).collect();
        tx.session.query(sql, &[&user.as_str(), &positions, &now]).await
    };
    let (personal, everyone) =
        tokio::try_join!(ask(FIND, personal), ask(FIND_BROADCASTS, everyone))?;
    let mut found = Vec::with_capacity(personal.len() + everyone.len());
    for row in &personal {
        found.push(visible(row, rows::delivery(row, 5)?)?);
    }
    for sql_row in &everyone {
        let (position, until) = (sql_row.try_get(6)?, sql_row.try_get(7)?);
        let row = match sql_row.try_get::<_, Option<i16>>(5)? {
            Some(state) => {
                let (state, at) = (rows::state(state), sql_row.try_get(8)?);
                seen(position, state, at, until, sql_row.try_get(3)?)
            }
            None => Row::new(position, until),
        };
        let item = visible(sql_row, row)?;
        if is_eligible(sql_row.try_get(9)?, sql_row.try_get(10)?, item.user.joined)
            && row.state != State::Dismissed
        {
            found.push(item);
        }
    }
    Ok(found)
}

fn visible(row: &SqlRow, item: Row) -> Result<Visible> {
    let user =
        UserRow { id: row.try_get(0)?, joined: row.try_get(1)?, read_through: row.try_get(2)? };
    let read_at = read_at(&user, &item, row.try_get(4)?);
    Ok(Visible { user, row: item, expires_at: row.try_get(3)?, read_at })
}

/// Writes changed rows back, and tells how many.
async fn put(tx: &Tx, user: &UserId, kind: EventKind, changed: &[(&Visible, Row)]) -> Result<u64> {
    let Some(((first, _), _)) = changed.split_first() else {
        return Ok(0);
    };
    for (_, row) in changed {
        tx.hint(|hints| hints.changed(kind, user, Some(ItemId::new(row.position))));
    }
    let session = &tx.session;
    let is_broadcast = |row: &Row| ItemId::new(row.position).is_broadcast();
    let everyone: Vec<Row> =
        changed.iter().map(|(_, row)| *row).filter(|row| is_broadcast(row)).collect();
    let personal: Vec<(State, Row)> = changed
        .iter()
        .filter(|(_, row)| !is_broadcast(row))
        .map(|(old, row)| (old.row.state, *row))
        .collect();
    let user = first.user.id;
    let personal = async {
        if personal.is_empty() { Ok(0) } else { rows::put(session, user, &personal).await }
    };
    let everyone = async {
        if everyone.is_empty() {
            return Ok(0);
        }
        // The user may have been made for this.
        directory::keep(session, &[user]).await?;
        rows::put_seen(session, user, &everyone).await
    };
    tokio::try_join!(personal, everyone).map(|(personal, everyone)| personal + everyone)
}

pub(super) async fn mark_read(tx: &Tx, now: i64, user: &UserId, ids: &[ItemId]) -> Result<u64> {
    let found = find(tx, now, user, ids).await?;
    let changed: Vec<(&Visible, Row)> = found
        .iter()
        .filter_map(|item| Some((item, item.row.marked_read(item.read_at, now)?)))
        .collect();
    let changed = put(tx, user, EventKind::Read, &changed).await?;
    if changed > 0 {
        tx.count(now, |day| day.read += changed);
    }
    Ok(changed)
}

pub(super) async fn mark_unread(tx: &Tx, now: i64, user: &UserId, id: ItemId) -> Result<bool> {
    let found = find(tx, now, user, &[id]).await?;
    let Some(item) = found.first() else {
        return Ok(false);
    };
    let through = item.user.read_through;
    let change = |since| item.row.marked_unread(through, now, since, item.expires_at);
    if change(0).is_none() {
        return Ok(false);
    }
    let Some(row) = change(tx.position(now)) else {
        return Ok(false);
    };
    Ok(put(tx, user, EventKind::Unread, &[(item, row)]).await? > 0)
}

pub(super) async fn dismiss(tx: &Tx, now: i64, user: &UserId, id: ItemId) -> Result<bool> {
    let found = find(tx, now, user, &[id]).await?;
    let Some(item) = found.first() else {
        return Ok(false);
    };
    let Some(row) = item.row.dismissed(item.read_at) else {
        return Ok(false);
    };
    Ok(put(tx, user, EventKind::Dismissed, &[(item, row)]).await? > 0)
}

pub(super) async fn mark_all_read(tx: &Tx, now: i64, user: &UserId, as_of: AsOf) -> Result<bool> {
    let session = &tx.session;
    let Some(found) = session.query_opt(FIND_USER, &[&user.as_str()]).await? else {
        return Ok(false);
    };
    let (id, read_through): (i64, i64) = (found.try_get(0)?, found.try_get(1)?);
    // One made up must not reach items that are yet to come.
    let as_of = as_of.personal().max(as_of.broadcast()).min(found.try_get(2)?);
    let moves = as_of > read_through;
    let write_mark = async {
        if moves {
            session.execute(MOVE, &[&id, &as_of]).await?;
            session.execute(MARK, &[&id, &as_of, &now]).await?;
        }
        Ok(())
    };
    let ((), kept) = tokio::try_join!(write_mark, read_kept(session, now, id, as_of))?;
    let changed = kept || moves;
    if changed {
        tx.count(now, |day| day.read_all += 1);
        tx.hint(|hints| hints.changed(EventKind::AllRead, user, None));
    }
    Ok(changed)
}

/// Items marked unread by hand are read row by row: the watermark does not tell about them.
async fn read_kept(session: &Session, now: i64, user: i64, as_of: i64) -> Result<bool> {
    let of_user: Parameters<'_> = &[&user];
    let (personal, everyone) =
        tokio::try_join!(session.query(KEPT, of_user), session.query(KEPT_BROADCASTS, of_user))?;
    let (mut read, mut read_broadcasts) = (Vec::new(), Vec::new());
    for row in &personal {
        let row = rows::delivery(row, 0)?;
        read.extend(row.marked_by_all(as_of, now).map(|read| (row.state, read)));
    }
    for row in &everyone {
        let (until, expires_at) = (row.try_get(2)?, row.try_get(3)?);
        let row = seen(row.try_get(0)?, State::Kept, row.try_get(1)?, until, expires_at);
        read_broadcasts.extend(row.marked_by_all(as_of, now));
    }
    if !read.is_empty() {
        rows::put(session, user, &read).await?;
    }
    if !read_broadcasts.is_empty() {
        rows::put_seen(session, user, &read_broadcasts).await?;
    }
    Ok(!read.is_empty() || !read_broadcasts.is_empty())
}

pub(super) async fn join(tx: &Tx, user: &UserId, joined: i64) -> Result<bool> {
    Ok(tx.session.execute(JOIN, &[&user.as_str(), &joined]).await? > 0)
}

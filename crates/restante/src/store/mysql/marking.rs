//! A user's changes of items: rows are read, changed by the rules, and written back, inside the
//! writer's transaction.

use mysql_async::Row as SqlRow;

use super::session::{Session, get};
use super::sql::{Value, key, sql};
use super::tx::Tx;
use super::{Result, directory, rows};
use crate::store::state::{Row, State, is_eligible};
use crate::store::user_view::{UserRow, read_at, seen};
use crate::{AsOf, ItemId, UserId};

const FIND: &str = "
    SELECT u.id, u.joined, u.read_through, m.expires_at, d.state, d.position, d.until, d.at
    FROM restante_users u
    STRAIGHT_JOIN restante_deliveries d
        ON d.user_id = u.id AND d.state IN (0, 1, 2) AND d.position IN (?)
    STRAIGHT_JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
    WHERE u.`key` = ? AND m.expires_at > ? AND m.retracted_at IS NULL";
const FIND_BROADCASTS: &str = "
    SELECT u.id, u.joined, u.read_through, b.expires_at, s.state, b.position, b.until, s.at,
        b.newcomers, b.sent_at
    FROM restante_users u
    JOIN restante_broadcasts b ON b.position IN (?)
    LEFT JOIN restante_seen s ON s.user_id = u.id AND s.position = b.position
    WHERE u.`key` = ? AND b.expires_at > ?";
/// With the highest position at which something can be visible to the user now.
const FIND_USER: &str = "
    SELECT u.id, u.read_through, GREATEST(
        COALESCE((SELECT MAX(d.position) FROM restante_deliveries d
                  WHERE d.user_id = u.id AND d.state = 1), 0),
        COALESCE((SELECT MAX(d.at) FROM restante_deliveries d
                  WHERE d.user_id = u.id AND d.state = 2), 0),
        COALESCE((SELECT MAX(s.at) FROM restante_seen s
                  WHERE s.user_id = u.id AND s.state = 2), 0),
        COALESCE((SELECT MAX(b.position) FROM restante_broadcasts b), 0))
    FROM restante_users u WHERE u.`key` = ?";
const MOVE: &str = "
    UPDATE restante_users SET read_through = ?, is_kept = 1 WHERE id = ?";
const MARK: &str = "INSERT INTO restante_marks(user_id, position, at) VALUES (?, ?, ?)";
const KEPT: &str = "
    SELECT d.state, d.position, d.until, d.at FROM restante_deliveries d
    WHERE d.user_id = ? AND d.state = 2";
const KEPT_BROADCASTS: &str = "
    SELECT s.position, s.at, b.until, b.expires_at
    FROM restante_seen s JOIN restante_broadcasts b ON b.position = s.position
    WHERE s.user_id = ? AND s.state = 2";
pub(super) const HAS_JOINED: &str =
    "SELECT 1 FROM restante_users WHERE `key` = ? AND joined IS NOT NULL";
/// By the internal id: a change found by the user's own id would lock the place where another process
/// looks whether it has to make the user.
const JOIN: &str = "
    UPDATE restante_users SET joined = ?, is_kept = 1 WHERE id = ? AND joined IS NULL";
const ID: &str = "SELECT id FROM restante_users WHERE `key` = ?";
pub(super) const IS_KNOWN: &str = "SELECT 1 FROM restante_users WHERE `key` = ?";
pub(super) const NEWEST_BROADCAST: &str =
    "SELECT COALESCE(MAX(position), 0) FROM restante_broadcasts";

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
    let mut found = Vec::with_capacity(ids.len());
    if !personal.is_empty() {
        let positions: Vec<i64> = personal.into_iter().map(ItemId::value).collect();
        let values = [Value::Numbers(&positions), key(user), now.into()];
        for row in &tx.session.rows(FIND, &values).await? {
            found.push(visible(row, rows::delivery(row, 4)?)?);
        }
    }
    if !everyone.is_empty() {
        let positions: Vec<i64> = everyone.into_iter().map(ItemId::value).collect();
        let values = [Value::Numbers(&positions), key(user), now.into()];
        for sql_row in &tx.session.rows(FIND_BROADCASTS, &values).await? {
            let (position, until) = (get(sql_row, 5)?, get(sql_row, 6)?);
            let row = match get::<Option<i64>>(sql_row, 4)? {
                Some(state) => {
                    let (state, at) = (rows::state(state), get(sql_row, 7)?);
                    seen(position, state, at, until, get(sql_row, 3)?)
                }
                None => Row::new(position, until),
            };
            let item = visible(sql_row, row)?;
            if is_eligible(get(sql_row, 8)?, get(sql_row, 9)?, item.user.joined)
                && row.state != State::Dismissed
            {
                found.push(item);
            }
        }
    }
    if let Some(user) = found.first().map(|item| item.user) {
        let all: Vec<Row> = found.iter().map(|item| item.row).collect();
        let marks = rows::marked(&tx.session, &user, &all).await?;
        for item in &mut found {
            let mark = marks.iter().find(|(position, _)| *position == item.row.position);
            item.read_at = read_at(&user, &item.row, mark.map(|(_, at)| *at));
        }
    }
    Ok(found)
}

fn visible(row: &SqlRow, item: Row) -> Result<Visible> {
    let user = UserRow { id: get(row, 0)?, joined: get(row, 1)?, read_through: get(row, 2)? };
    Ok(Visible { user, row: item, expires_at: get(row, 3)?, read_at: None })
}

/// Writes changed rows back, and tells how many.
async fn put(tx: &Tx, changed: &[(&Visible, Row)]) -> Result<u64> {
    let Some(((first, _), _)) = changed.split_first() else {
        return Ok(0);
    };
    let (session, user) = (&tx.session, first.user.id);
    let is_broadcast = |row: &Row| ItemId::new(row.position).is_broadcast();
    let everyone: Vec<Row> =
        changed.iter().map(|(_, row)| *row).filter(|row| is_broadcast(row)).collect();
    let personal: Vec<(State, Row)> = changed
        .iter()
        .filter(|(_, row)| !is_broadcast(row))
        .map(|(old, row)| (old.row.state, *row))
        .collect();
    let mut written = rows::put(session, user, &personal).await?;
    if !everyone.is_empty() {
        // The user may have been made for this.
        directory::keep(session, &[user]).await?;
        written += rows::put_seen(session, user, &everyone).await?;
    }
    Ok(written)
}

pub(super) async fn mark_read(tx: &Tx, now: i64, user: &UserId, ids: &[ItemId]) -> Result<u64> {
    let found = find(tx, now, user, ids).await?;
    let changed: Vec<(&Visible, Row)> = found
        .iter()
        .filter_map(|item| Some((item, item.row.marked_read(item.read_at, now)?)))
        .collect();
    let changed = put(tx, &changed).await?;
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
    Ok(put(tx, &[(item, row)]).await? > 0)
}

pub(super) async fn dismiss(tx: &Tx, now: i64, user: &UserId, id: ItemId) -> Result<bool> {
    let found = find(tx, now, user, &[id]).await?;
    let Some(item) = found.first() else {
        return Ok(false);
    };
    let Some(row) = item.row.dismissed(item.read_at) else {
        return Ok(false);
    };
    Ok(put(tx, &[(item, row)]).await? > 0)
}

pub(super) async fn mark_all_read(tx: &Tx, now: i64, user: &UserId, as_of: AsOf) -> Result<bool> {
    let session = &tx.session;
    let Some(found) = session.row(FIND_USER, &[key(user)]).await? else {
        return Ok(false);
    };
    let (id, read_through): (i64, i64) = (get(&found, 0)?, get(&found, 1)?);
    // One made up must not reach items that are yet to come.
    let as_of = as_of.personal().max(as_of.broadcast()).min(get(&found, 2)?);
    let moves = as_of > read_through;
    if moves {
        let set = sql(MOVE, &[as_of.into(), id.into()]);
        let mark = sql(MARK, &[id.into(), as_of.into(), now.into()]);
        session.execute_all(&set.then(&mark)).await?;
    }
    let kept = read_kept(session, now, id, as_of).await?;
    if kept || moves {
        tx.count(now, |day| day.read_all += 1);
    }
    Ok(kept || moves)
}

/// Items marked unread by hand are read row by row: the watermark does not tell about them.
async fn read_kept(session: &Session, now: i64, user: i64, as_of: i64) -> Result<bool> {
    let of_user = [user.into()];
    let both = sql(KEPT, &of_user).then(&sql(KEPT_BROADCASTS, &of_user));
    let mut answers = session.ask(&both).await?.into_iter().map(|answer| answer.rows);
    let (personal, everyone) =
        (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
    let (mut read, mut read_broadcasts) = (Vec::new(), Vec::new());
    for row in &personal {
        let row = rows::delivery(row, 0)?;
        read.extend(row.marked_by_all(as_of, now).map(|read| (row.state, read)));
    }
    for row in &everyone {
        let (until, expires_at) = (get(row, 2)?, get(row, 3)?);
        let row = seen(get(row, 0)?, State::Kept, get(row, 1)?, until, expires_at);
        read_broadcasts.extend(row.marked_by_all(as_of, now));
    }
    rows::put(session, user, &read).await?;
    rows::put_seen(session, user, &read_broadcasts).await?;
    Ok(!read.is_empty() || !read_broadcasts.is_empty())
}

pub(super) async fn join(tx: &Tx, user: &UserId, joined: i64) -> Result<bool> {
    let Some(row) = tx.session.row(ID, &[key(user)]).await? else {
        return Ok(false);
    };
    let id: i64 = get(&row, 0)?;
    Ok(tx.session.execute(JOIN, &[joined.into(), id.into()]).await? > 0)
}

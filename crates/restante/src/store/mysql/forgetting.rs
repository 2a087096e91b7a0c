//! Forgetting a user, and handing out what is kept of one.

use std::collections::BTreeMap;

use super::asking;
use super::session::{Session, get};
use super::sql::{Value, key, sql};
use super::tx::Tx;
use super::view::Views;
use super::{Result, messages, relaying, rows};
use crate::clock::from_millis;
use crate::store::paging::Ask;
use crate::store::shared_view::Body;
use crate::store::state::{Row, State, is_eligible};
use crate::store::user_view::{UserRow, UserView, read_at, seen};
use crate::store::{Export, ExportedItem, Swept, user_list};
use crate::{UserId, View};

/// The collation passes over spaces at the end; the bytes do not.
const LEAVE_OUTBOX: &str = "
    DELETE FROM restante_outbox WHERE recipient = ? AND CAST(recipient AS BINARY) = ?";
const FIND: &str = "SELECT id, is_kept FROM restante_users WHERE `key` = ?";
const LOSE_KEY: &str = "UPDATE restante_users SET `key` = NULL WHERE id = ?";
const WAITING: &str = "SELECT message, part, users FROM restante_parts WHERE position IS NULL";
const PUT_PART: &str = "UPDATE restante_parts SET users = ? WHERE message = ? AND part = ?";
const ONE_LESS: &str = "UPDATE restante_messages SET total = total - 1 WHERE id = ?";

const FORGOTTEN: &str = "
    SELECT id, joined, read_through FROM restante_users WHERE `key` IS NULL ORDER BY id LIMIT 1";
const ITEMS: &str = "
    SELECT state, position, until, at, COALESCE(message, position)
    FROM restante_deliveries WHERE user_id = ? LIMIT ?";
const REMOVE_ITEM: &str =
    "DELETE FROM restante_deliveries WHERE user_id = ? AND state = ? AND position = ?";
const ADD_GONE: &str = "
    UPDATE restante_messages SET gone_delivered = gone_delivered + ?, gone_read = gone_read + ?
    WHERE id = ?";
const BROADCASTS: &str = "
    SELECT b.position, b.until, b.expires_at, b.sent_at, b.newcomers, s.state, s.at
    FROM restante_broadcasts b
    LEFT JOIN restante_seen s ON s.user_id = ? AND s.position = b.position
    WHERE b.expires_at > ?";
const REMOVE_REST: &str = "
    DELETE FROM restante_seen WHERE user_id = ?;
    DELETE FROM restante_marks WHERE user_id = ?;
    DELETE FROM restante_users WHERE id = ?";

const DISMISSED: &str = "
    SELECT d.state, d.position, d.until, d.at,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
    FROM restante_deliveries d
    STRAIGHT_JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
    WHERE d.user_id = ? AND d.state = 3 AND m.expires_at > ? AND m.retracted_at IS NULL";
const TOKENS_ENDED_AT: &str = "SELECT at FROM restante_ended_tokens WHERE `key` = ?";

/// Takes the user's id away from what is kept, in one step whatever there is: from here on the id
/// is that of a user never heard of. The rows are removed by [`remove_some`].
pub(super) async fn forget(tx: &Tx, user: &UserId) -> Result<bool> {
    let session = &tx.session;
    let left = session.execute(LEAVE_OUTBOX, &[Value::Text(user.as_str()), key(user)]).await?;
    let Some(found) = session.row(FIND, &[key(user)]).await? else {
        return Ok(left > 0);
    };
    let id: i64 = get(&found, 0)?;
    session.execute(LOSE_KEY, &[id.into()]).await?;
    // Tells whoever looked the id up before to do so again.
    tx.count_forgotten();
    leave_waiting_parts(session, id).await?;
    Ok(left > 0 || get(&found, 1)?)
}

/// A part that is yet to be delivered must not be delivered to a user who is gone.
async fn leave_waiting_parts(session: &Session, user: i64) -> Result<()> {
    for row in session.rows(WAITING, &[]).await? {
        let mut ids = user_list::decode(&get::<Vec<u8>>(&row, 2)?);
        let Ok(at) = ids.binary_search(&user) else {
            continue;
        };
        ids.remove(at);
        let (message, part): (i64, i64) = (get(&row, 0)?, get(&row, 1)?);
        let users = user_list::encode(&ids);
        session.execute(PUT_PART, &[Value::Bytes(&users), message.into(), part.into()]).await?;
        session.execute(ONE_LESS, &[message.into()]).await?;
    }
    Ok(())
}

/// Removes up to `limit` items of a forgotten user, and with the last of them the user. Receipts
/// keep their counts: what goes is added to the messages' own figures.
pub(super) async fn remove_some(tx: &Tx, now: i64, limit: i64) -> Result<Swept> {
    let session = &tx.session;
    let Some(found) = session.row(FORGOTTEN, &[]).await? else {
        return Ok(Swept::default());
    };
    let user =
        UserRow { id: get(&found, 0)?, joined: get(&found, 1)?, read_through: get(&found, 2)? };
    let items = remove_items(session, &user, limit).await?;
    if items > 0 {
        return Ok(Swept { items, ..Swept::default() });
    }
    count_broadcasts_read(session, now, &user).await?;
    session.execute(REMOVE_REST, &[user.id.into(), user.id.into(), user.id.into()]).await?;
    Ok(Swept { others: 1, ..Swept::default() })
}

async fn remove_items(session: &Session, user: &UserRow, limit: i64) -> Result<u64> {
    let mut items = Vec::new();
    let mut removes = Vec::new();
    for row in session.rows(ITEMS, &[user.id.into(), limit.into()]).await? {
        let item = rows::delivery(&row, 0)?;
        // The state as it is in the table, whatever a newer version may have put there.
        let state: i64 = get(&row, 0)?;
        removes.push(sql(REMOVE_ITEM, &[user.id.into(), state.into(), item.position.into()]));
        items.push((item, get::<i64>(&row, 4)?));
    }
    let Some(removes) = rows::in_turn(removes.into_iter()) else { return Ok(0) };
    let all: Vec<Row> = items.iter().map(|(item, _)| *item).collect();
    let marks: BTreeMap<i64, i64> = rows::marked(session, user, &all).await?.into_iter().collect();
    let mut gone: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (item, message) in items {
        let marked = marks.get(&item.position).copied();
        let (delivered, read) = gone.entry(message).or_default();
        *delivered += 1;
        *read += i64::from(read_at(user, &item, marked).is_some());
    }
    add_gone(session, &gone).await?;
    session.execute_all(&removes).await
}

async fn add_gone(session: &Session, gone: &BTreeMap<i64, (i64, i64)>) -> Result<()> {
    let add = |(message, (delivered, read)): (&i64, &(i64, i64))| {
        sql(ADD_GONE, &[(*delivered).into(), (*read).into(), (*message).into()])
    };
    match rows::in_turn(gone.iter().map(add)) {
        Some(adds) => session.execute_all(&adds).await.map(|_| ()),
        None => Ok(()),
    }
}

async fn count_broadcasts_read(session: &Session, now: i64, user: &UserRow) -> Result<()> {
    let mut own_rows = Vec::new();
    for row in session.rows(BROADCASTS, &[user.id.into(), now.into()]).await? {
        let (position, until) = (get(&row, 0)?, get(&row, 1)?);
        let own = match get::<Option<i64>>(&row, 5)? {
            Some(state) => seen(position, rows::state(state), get(&row, 6)?, until, get(&row, 2)?),
            None => Row::new(position, until),
        };
        if is_eligible(get(&row, 4)?, get(&row, 3)?, user.joined) {
            own_rows.push(own);
        }
    }
    let marks: BTreeMap<i64, i64> =
        rows::marked(session, user, &own_rows).await?.into_iter().collect();
    let is_read = |row: &&Row| read_at(user, row, marks.get(&row.position).copied()).is_some();
    let gone = own_rows.iter().filter(is_read).map(|row| (row.position, (0, 1))).collect();
    add_gone(session, &gone).await
}

/// All that is kept of one user, in a snapshot.
pub(super) async fn export(
    session: &Session,
    views: &Views,
    now: i64,
    user: &UserId,
) -> Result<Export> {
    let view = views.load(session, true).await?;
    let everything = usize::try_from(i32::MAX).unwrap_or(usize::MAX);
    let ask = Ask { now, user, view: View::Archive, below: i64::MAX, at_most: everything };
    let mut kept: Vec<(Row, Body)> = Vec::new();
    let mut reader = UserView { user: UserRow::default(), seen: Vec::new() };
    // The view is of this very snapshot, so there is an answer.
    if let Some(answer) = asking::ask(session, &view, ask, true).await? {
        reader = answer.user;
        kept.extend(answer.items.into_iter().map(|item| (item.row, item.body)));
    }
    for row in session.rows(DISMISSED, &[reader.user.id.into(), now.into()]).await? {
        kept.push((rows::delivery(&row, 0)?, messages::body(&row, 4)?));
    }
    let live = view.broadcasts.iter().filter(|b| b.body.is_live(now) && reader.is_eligible(b));
    kept.extend(live.map(|b| (reader.row(b), b.body.clone())));
    kept.sort_unstable_by_key(|(row, _)| std::cmp::Reverse(row.position));
    let all: Vec<Row> = kept.iter().map(|(row, _)| *row).collect();
    let marks: BTreeMap<i64, i64> =
        rows::marked(session, &reader.user, &all).await?.into_iter().collect();
    let items = kept
        .into_iter()
        .map(|(row, body)| {
            let read_at = read_at(&reader.user, &row, marks.get(&row.position).copied());
            let dismissed = row.state == State::Dismissed;
            ExportedItem { item: reader.item(now, &row, body, read_at), dismissed }
        })
        .collect();
    Ok(Export {
        user: user.clone(),
        joined: reader.user.joined.map(from_millis),
        items,
        tokens_ended_at: tokens_ended_at(session, user).await?.map(from_millis),
        outbox: relaying::texts_of(session, user).await?,
    })
}

/// When the user's tokens were last ended.
pub(super) async fn tokens_ended_at(session: &Session, user: &UserId) -> Result<Option<i64>> {
    let row = session.row(TOKENS_ENDED_AT, &[key(user)]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

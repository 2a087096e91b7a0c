//! Forgetting a user, and handing out what is kept of one.

use rusqlite::{Connection, OptionalExtension};

use super::readers::Snapshot;
use super::reading;
use super::tx::Tx;
use super::users;
use super::{messages, relaying, rows};
use crate::UserId;
use crate::clock::from_millis;
use crate::store::shared_view::Body;
use crate::store::state::{Row, State, is_eligible};
use crate::store::user_list;
use crate::store::user_view::UserRow;
use crate::store::{Export, ExportedItem, Swept};

/// Takes the user's id away from what is kept, in one step whatever there is: from here on the id
/// is that of a user never heard of. The rows are removed by [`remove_some`].
pub(super) fn forget(tx: &Tx<'_>, user: &UserId) -> rusqlite::Result<bool> {
    let conn = tx.conn;
    let left = conn
        .prepare_cached("DELETE FROM restante_outbox WHERE recipient = ?1")?
        .execute([user.as_str()])?;
    let Some(id) = users::find_id(conn, user)? else {
        return Ok(left > 0);
    };
    conn.prepare_cached("UPDATE restante_users SET key = NULL WHERE id = ?1")?.execute([id])?;
    // Tells a long list that is not recorded yet to look who is still there.
    conn.prepare_cached("UPDATE restante_clock SET forgotten = forgotten + 1")?.execute([])?;
    leave_waiting_parts(conn, id)?;
    Ok(true)
}

/// A part that is yet to be delivered must not be delivered to a user who is gone.
fn leave_waiting_parts(conn: &Connection, user: i64) -> rusqlite::Result<()> {
    let mut select = conn
        .prepare_cached("SELECT message, part, users FROM restante_parts WHERE position IS NULL")?;
    let parts = select.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    for part in parts.collect::<Result<Vec<_>, _>>()? {
        let (message, part, list) = part;
        let mut ids = user_list::decode(&list);
        let Ok(at) = ids.binary_search(&user) else {
            continue;
        };
        ids.remove(at);
        conn.prepare_cached(
            "UPDATE restante_parts SET users = ?3 WHERE message = ?1 AND part = ?2",
        )?
        .execute((message, part, user_list::encode(&ids)))?;
        conn.prepare_cached("UPDATE restante_messages SET total = total - 1 WHERE id = ?1")?
            .execute([message])?;
    }
    Ok(())
}

/// Removes up to `limit` items of a forgotten user, and with the last of them the user. Receipts
/// keep their counts: what goes is added to the message's own figures.
pub(super) fn remove_some(conn: &Connection, now: i64, limit: i64) -> rusqlite::Result<Swept> {
    let forgotten = conn
        .prepare_cached(
            "SELECT id, joined, read_through FROM restante_users WHERE key IS NULL LIMIT 1",
        )?
        .query_row([], |row| users::from_row(row, 0))
        .optional()?;
    let Some(user) = forgotten else {
        return Ok(Swept::default());
    };
    let items = remove_items(conn, &user, limit)?;
    if items > 0 {
        return Ok(Swept { items, ..Swept::default() });
    }
    count_broadcasts_read(conn, now, &user)?;
    for statement in [
        "DELETE FROM restante_seen WHERE user_id = ?1",
        "DELETE FROM restante_marks WHERE user_id = ?1",
        "DELETE FROM restante_users WHERE id = ?1",
    ] {
        conn.prepare_cached(statement)?.execute([user.id])?;
    }
    Ok(Swept { others: 1, ..Swept::default() })
}

fn remove_items(conn: &Connection, user: &UserRow, limit: i64) -> rusqlite::Result<u64> {
    let mut select = conn.prepare_cached(
        "SELECT state, position, until, at FROM restante_deliveries WHERE user_id = ?1 LIMIT ?2",
    )?;
    let items = select.query_map((user.id, limit), |row| rows::delivery(row, 0))?;
    let mut removed = 0;
    for row in items.collect::<Result<Vec<_>, _>>()? {
        let is_read = rows::read_at(conn, user, &row)?.is_some();
        let own = add_gone(conn, row.position, 1, i64::from(is_read))?;
        if own == 0
            && let Some(message) = messages::of_part(conn, row.position)?
        {
            add_gone(conn, message, 1, i64::from(is_read))?;
        }
        removed += rows::remove(conn, &[user.id], row.position)?;
    }
    Ok(removed)
}

fn add_gone(conn: &Connection, message: i64, delivered: i64, read: i64) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "UPDATE restante_messages SET gone_delivered = gone_delivered + ?2,
         gone_read = gone_read + ?3 WHERE id = ?1",
    )?
    .execute((message, delivered, read))
}

fn count_broadcasts_read(conn: &Connection, now: i64, user: &UserRow) -> rusqlite::Result<()> {
    let mut select = conn.prepare_cached(
        "SELECT position, until, expires_at, sent_at, newcomers FROM restante_broadcasts
         WHERE expires_at > ?1",
    )?;
    let live = select.query_map([now], |row| {
        let eligible = is_eligible(row.get(4)?, row.get(3)?, user.joined);
        Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, eligible))
    })?;
    for broadcast in live.collect::<Result<Vec<_>, _>>()? {
        let (position, until, expires_at, eligible) = broadcast;
        let row = rows::find_seen(conn, user.id, position, until, expires_at)?;
        if eligible && rows::read_at(conn, user, &row)?.is_some() {
            add_gone(conn, position, 0, 1)?;
        }
    }
    Ok(())
}

/// All that is kept of one user.
pub(super) fn export(
    snapshot: &mut Snapshot<'_>,
    now: i64,
    user: &UserId,
) -> rusqlite::Result<Export> {
    let (conn, view) = (snapshot.conn, snapshot.view);
    let reader = reading::load(snapshot, user)?;
    let mut items = Vec::new();
    let mut add = |row: Row, body: Body| {
        if body.is_live(now) {
            let dismissed = row.state == State::Dismissed;
            items.push(ExportedItem {
                item: reading::item(conn, now, &reader, &row, body)?,
                dismissed,
            });
        }
        Ok::<_, rusqlite::Error>(())
    };
    for broadcast in view.broadcasts.iter().filter(|b| reader.is_eligible(b)) {
        add(reader.row(broadcast), broadcast.body.clone())?;
    }
    let mut select = conn.prepare_cached(
        "SELECT state, position, until, at FROM restante_deliveries WHERE user_id = ?1",
    )?;
    let personal = select.query_map([reader.user.id], |row| rows::delivery(row, 0))?;
    for row in personal {
        let row = row?;
        if let Some(body) = snapshot.body(row.position)? {
            add(row, body)?;
        }
    }
    items.sort_unstable_by_key(|exported| std::cmp::Reverse(exported.item.id));
    Ok(Export {
        user: user.clone(),
        joined: reader.user.joined.map(from_millis),
        items,
        tokens_ended_at: tokens_ended_at(conn, user)?.map(from_millis),
        outbox: relaying::texts_of(conn, user)?,
    })
}

/// When the user's tokens were last ended.
pub(super) fn tokens_ended_at(conn: &Connection, user: &UserId) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT at FROM restante_ended_tokens WHERE key = ?1")?
        .query_row([user.as_str()], |row| row.get(0))
        .optional()
}

//! Taking a message back.

use rusqlite::{Connection, OptionalExtension};

use super::rows;
use super::tx::Tx;
use crate::MessageId;
use crate::store::state;
use crate::store::user_list;

/// Takes a message back, so that no page or count after this transaction knows it. The rows of a
/// short list go at once; those of a long one are left to the sweeper, and until then readers leave
/// their positions out.
pub(super) fn retract(
    tx: &mut Tx<'_>,
    now: i64,
    id: MessageId,
    sender: Option<&str>,
) -> rusqlite::Result<bool> {
    let (conn, id, is_broadcast) = (tx.conn, id.value(), id.is_broadcast());
    let found = conn
        .prepare_cached(
            "SELECT expires_at, recipients FROM restante_messages
             WHERE id = ?1 AND retracted_at IS NULL AND expires_at > ?2
             AND (?3 IS NULL OR sender = ?3)",
        )?
        .query_row((id, now, sender), |row| Ok((row.get(0)?, row.get::<_, Option<Vec<u8>>>(1)?)))
        .optional()?;
    let Some((expires_at, recipients)) = found else {
        return Ok(false);
    };
    conn.prepare_cached(
        "UPDATE restante_messages SET retracted_at = ?2, expires_at = ?3 WHERE id = ?1",
    )?
    .execute((id, now, state::retracted_until(now, expires_at)))?;
    if is_broadcast {
        conn.prepare_cached("DELETE FROM restante_broadcasts WHERE position = ?1")?
            .execute([id])?;
        tx.change_shared_view();
    } else if let Some(list) = recipients {
        rows::remove(conn, &user_list::decode(&list), id)?;
    } else {
        conn.prepare_cached("DELETE FROM restante_parts WHERE message = ?1 AND position IS NULL")?
            .execute([id])?;
        conn.prepare_cached(
            "INSERT INTO restante_retracting SELECT position FROM restante_parts WHERE message = ?1",
        )?
        .execute([id])?;
        tx.change_shared_view();
    }
    Ok(true)
}

/// Removes the rows of one part of a retracted long list and tells how many; `None` when there is
/// no such part.
pub(super) fn remove_part(tx: &mut Tx<'_>) -> rusqlite::Result<Option<u64>> {
    let Some((position, list)) = next_part(tx.conn)? else {
        return Ok(None);
    };
    let removed = rows::remove(tx.conn, &user_list::decode(&list), position)?;
    tx.conn
        .prepare_cached("DELETE FROM restante_parts WHERE position = ?1")?
        .execute([position])?;
    tx.conn
        .prepare_cached("DELETE FROM restante_retracting WHERE position = ?1")?
        .execute([position])?;
    tx.change_shared_view();
    Ok(Some(removed))
}

fn next_part(conn: &Connection) -> rusqlite::Result<Option<(i64, Vec<u8>)>> {
    conn.prepare_cached(
        "SELECT r.position, ifnull(p.users, x'') FROM restante_retracting r
         LEFT JOIN restante_parts p ON p.position = r.position LIMIT 1",
    )?
    .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
    .optional()
}

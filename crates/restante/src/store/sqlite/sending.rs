//! Putting messages in: short lists, broadcasts, and long lists part by part.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::messages;
use super::rows;
use super::tx::Tx;
use super::users;
use crate::clock::to_millis;
use crate::store::user_list;
use crate::store::{Delivered, Idempotency, NewMessage, Sent};
use crate::{Error, ItemId, MessageId, UserId};

pub(super) use crate::store::send::KEY_MILLIS;

/// To whom a message goes.
pub(super) enum Audience<'a> {
    Everyone {
        newcomers: bool,
    },
    /// Few enough for one transaction: delivered in it.
    Short(&'a [UserId]),
    /// Sorted internal ids, recorded in parts of this size.
    Long {
        ids: &'a [i64],
        part_size: usize,
    },
}

/// Sends, unless it was sent before. A conflict writes nothing.
pub(super) fn send(
    tx: &mut Tx<'_>,
    now: i64,
    message: &NewMessage,
    audience: &Audience<'_>,
) -> rusqlite::Result<Result<Sent, Error>> {
    if let Some(idempotency) = message.idempotency()
        && let Some(earlier) = sent_before(tx.conn, now, message.sender(), idempotency)?
    {
        return Ok(earlier);
    }
    let position = tx.position(now);
    let id = match audience {
        Audience::Everyone { .. } => position | 1,
        Audience::Short(_) | Audience::Long { .. } => position,
    };
    let until = to_millis(message.inbox_until());
    let (mut recipients, mut total, mut waiting) = (None, 0, 0);
    match audience {
        Audience::Everyone { newcomers } => {
            put_broadcast(tx, now, id, message, *newcomers)?;
        }
        Audience::Short(list) => {
            let mut ids = Vec::with_capacity(list.len());
            for user in *list {
                ids.push(users::id(tx.conn, user)?);
            }
            ids.sort_unstable();
            rows::deliver(tx.conn, &ids, id, until)?;
            recipients = Some(user_list::encode(&ids));
            total = ids.len();
        }
        Audience::Long { ids, part_size } => {
            put_parts(tx.conn, id, ids, *part_size)?;
            (total, waiting) = (ids.len(), ids.len());
        }
    }
    let sent = Sent {
        id: MessageId::new(id),
        recipients: total as u64,
        repeated: false,
        waiting: waiting as u64,
    };
    put_message(tx.conn, now, message, sent, recipients)?;
    if let Some(idempotency) = message.idempotency() {
        put_key(tx.conn, now, message.sender(), idempotency, sent)?;
    }
    tx.day(now).sent += 1;
    Ok(Ok(sent))
}

/// The answer to a request whose key was used within 24 hours: the first result, or a conflict.
pub(super) fn sent_before(
    conn: &Connection,
    now: i64,
    sender: &str,
    idempotency: &Idempotency,
) -> rusqlite::Result<Option<Result<Sent, Error>>> {
    let used = conn
        .prepare_cached(
            "SELECT hash, message, recipients FROM restante_keys
             WHERE sender = ?1 AND key = ?2 AND at > ?3",
        )?
        .query_row((sender, &*idempotency.key, now - KEY_MILLIS), |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get::<_, i64>(2)?))
        })
        .optional()?;
    let Some((hash, message, recipients)) = used else {
        return Ok(None);
    };
    if hash != idempotency.hash {
        return Ok(Some(Err(Error::conflict("was used for another message within 24 hours"))));
    }
    Ok(Some(Ok(Sent {
        id: MessageId::new(message),
        recipients: u64::try_from(recipients).unwrap_or(0),
        repeated: true,
        waiting: waiting(conn, message)?,
    })))
}

/// How many recipients of a long list still wait.
fn waiting(conn: &Connection, message: i64) -> rusqlite::Result<u64> {
    let mut select = conn.prepare_cached(
        "SELECT users FROM restante_parts WHERE message = ?1 AND position IS NULL",
    )?;
    let lists = select.query_map([message], |row| row.get::<_, Vec<u8>>(0))?;
    lists.map(|list| Ok(user_list::decode(&list?).len() as u64)).sum()
}

fn put_message(
    conn: &Connection,
    now: i64,
    message: &NewMessage,
    sent: Sent,
    recipients: Option<Vec<u8>>,
) -> rusqlite::Result<()> {
    let content = message.message();
    conn.prepare_cached(
        "INSERT INTO restante_messages(id, sender, level, text, tags, url, data, sent_at,
         inbox_until, expires_at, total, recipients)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute((
        sent.id.value(),
        message.sender(),
        content.level().value(),
        content.text(),
        content.extra_tags(),
        content.link(),
        content.raw_data().map(serde_json::value::RawValue::get),
        now,
        to_millis(message.inbox_until()),
        to_millis(message.expires_at()),
        i64::try_from(sent.recipients).unwrap_or(i64::MAX),
        recipients,
    ))?;
    Ok(())
}

fn put_broadcast(
    tx: &mut Tx<'_>,
    now: i64,
    id: i64,
    message: &NewMessage,
    newcomers: bool,
) -> rusqlite::Result<()> {
    tx.change_shared_view();
    let (until, expires_at) = (to_millis(message.inbox_until()), to_millis(message.expires_at()));
    tx.conn
        .prepare_cached(
            "INSERT INTO restante_broadcasts(position, until, expires_at, sent_at, newcomers)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((id, until, expires_at, now, newcomers))?;
    Ok(())
}

/// Records a long list: who waits, in which part. These rows are also how its items are found when
/// it is retracted or swept.
fn put_parts(
    conn: &Connection,
    message: i64,
    ids: &[i64],
    part_size: usize,
) -> rusqlite::Result<()> {
    let mut insert = conn
        .prepare_cached("INSERT INTO restante_parts(message, part, users) VALUES (?1, ?2, ?3)")?;
    for (part, ids) in (0_i64..).zip(ids.chunks(part_size)) {
        insert.execute((message, part, user_list::encode(ids)))?;
    }
    Ok(())
}

fn put_key(
    conn: &Connection,
    now: i64,
    sender: &str,
    idempotency: &Idempotency,
    sent: Sent,
) -> rusqlite::Result<()> {
    // An ended key that is not swept yet is replaced.
    conn.prepare_cached(
        "INSERT OR REPLACE INTO restante_keys(sender, key, hash, message, recipients, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        sender,
        &*idempotency.key,
        &idempotency.hash[..],
        sent.id.value(),
        i64::try_from(sent.recipients).unwrap_or(i64::MAX),
        idempotency.used_at(now),
    ))?;
    Ok(())
}

/// Whether a part of a long list waits.
pub(super) fn has_waiting(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM restante_parts WHERE position IS NULL LIMIT 1")?.exists([])
}

/// Delivers the next waiting part of a long list.
pub(super) fn deliver(
    tx: &mut Tx<'_>,
    now: i64,
    name_users: bool,
) -> rusqlite::Result<Option<Delivered>> {
    let conn = tx.conn;
    let next = conn
        .prepare_cached(
            // Told which index to use, or SQLite sorts all waiting parts for each.
            "SELECT message, part, users FROM restante_parts INDEXED BY restante_parts_waiting
             WHERE position IS NULL ORDER BY message, part LIMIT 1",
        )?
        .query_row([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
        })
        .optional()?;
    let Some((message, part, list)) = next else {
        return Ok(None);
    };
    let position = tx.position(now);
    let ids = user_list::decode(&list);
    let until: i64 = conn
        .prepare_cached("SELECT inbox_until FROM restante_messages WHERE id = ?1")?
        .query_row([message], |row| row.get(0))?;
    conn.prepare_cached(
        "UPDATE restante_parts SET position = ?3 WHERE message = ?1 AND part = ?2",
    )?
    .execute((message, part, position))?;
    rows::deliver(conn, &ids, position, until)?;
    let body = messages::find_body(conn, message)?;
    let mut named = Vec::new();
    if name_users {
        for id in &ids {
            named.extend(users::key(conn, *id)?);
        }
    }
    Ok(body.map(|body| Delivered {
        id: MessageId::new(message),
        position: ItemId::new(position),
        message: Arc::clone(&body.message),
        delivered: ids.len() as u64,
        users: named,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;
    use crate::Message;
    use crate::store::Expiry;

    fn count(conn: &Connection, of: &str) -> i64 {
        conn.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).unwrap()
    }

    /// What a crash leaves of a part is what a rollback leaves: nothing. So its items, its progress
    /// and its position are all there when the part is done, and all gone when it is undone.
    #[test]
    fn a_part_and_its_progress_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = Connection::open(folder.path().join("parts.db")).unwrap();
        schema::migrate(&mut conn).unwrap();
        let now = std::time::SystemTime::now();
        let message = Message::info("long");
        let message =
            NewMessage::prepare(now, message, "app", None, None, false, Expiry::default()).unwrap();
        let now = to_millis(now);
        let mut tx = Tx::begin(&conn, std::time::Duration::ZERO).unwrap();
        let long = Audience::Long { ids: &[1, 2, 3], part_size: 2 };
        send(&mut tx, now, &message, &long).unwrap().unwrap();
        tx.commit().unwrap();
        let state = || {
            let delivered = count(&conn, "restante_deliveries");
            let waiting = count(&conn, "restante_parts WHERE position IS NULL");
            (delivered, waiting)
        };
        assert_eq!(state(), (0, 2));

        let mut tx = Tx::begin(&conn, std::time::Duration::ZERO).unwrap();
        let first = deliver(&mut tx, now, false).unwrap().unwrap();
        assert_eq!(state(), (2, 1));
        tx.roll_back();
        assert_eq!(state(), (0, 2));

        let mut tx = Tx::begin(&conn, std::time::Duration::ZERO).unwrap();
        let again = deliver(&mut tx, now, false).unwrap().unwrap();
        assert_eq!((again.position, again.delivered), (first.position, 2));
        tx.commit().unwrap();
        assert_eq!(state(), (2, 1));
    }
}

//! The log that followers read: messages and parts in the order of their positions.

use super::messages::{self, SentRow, select_sent};
use super::session::{Session, get};
use super::{Result, sending};
use crate::store::{Followed, user_list};

/// Short lists and broadcasts: a long list has no recipients of its own, and an even id.
const WHOLE: &str = select_sent!(
    "FROM restante_messages m
     WHERE m.id > ? AND (m.recipients IS NOT NULL OR m.id % 2 = 1)
     AND m.expires_at > ? AND m.retracted_at IS NULL ORDER BY m.id LIMIT ?"
);
const PARTS: &str = select_sent!(
    ", p.position, p.users FROM restante_parts p
     STRAIGHT_JOIN restante_messages m ON m.id = p.message
     WHERE p.position > ? AND m.expires_at > ? AND m.retracted_at IS NULL
     ORDER BY p.position LIMIT ?"
);

pub(super) async fn follow(
    session: &Session,
    now: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<Followed>> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [after.into(), now.into(), most.into()];
    let mut entries = Vec::new();
    for row in session.rows(WHOLE, &values).await? {
        let row = messages::sent_row(&row)?;
        entries.push((row.sent.id.value(), row.recipients.clone(), row));
    }
    for row in session.rows(PARTS, &values).await? {
        entries.push((get(&row, 15)?, Some(get(&row, 16)?), messages::sent_row(&row)?));
    }
    entries.sort_unstable_by_key(|(position, ..)| *position);
    entries.truncate(limit);
    let mut followed = Vec::with_capacity(entries.len());
    for (position, list, row) in entries {
        followed.push(entry(session, position, list, row).await?);
    }
    Ok(followed)
}

async fn entry(
    session: &Session,
    position: i64,
    list: Option<Vec<u8>>,
    row: SentRow,
) -> Result<Followed> {
    let users = match list {
        Some(list) if !row.sent.id.is_broadcast() => {
            Some(sending::names(session, &user_list::decode(&list)).await?)
        }
        _ => None,
    };
    let sent = row.sent;
    Ok(Followed {
        position,
        id: sent.id,
        sender: sent.sender,
        message: sent.message,
        date: sent.date,
        users,
    })
}

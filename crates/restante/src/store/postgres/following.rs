//! The log that followers read: messages and parts in the order of their positions.

use super::messages::{self, SentRow, select_sent};
use super::session::Session;
use super::{Result, sending};
use crate::store::{Followed, user_list};

/// Short lists and broadcasts: a long list has no recipients of its own, and an even id.
const WHOLE: &str = select_sent!(
    "FROM restante_messages m
     WHERE m.id > $1 AND (m.recipients IS NOT NULL OR m.id % 2 = 1)
     AND m.expires_at > $2 AND m.retracted_at IS NULL ORDER BY m.id LIMIT $3"
);
const PARTS: &str = select_sent!(
    ", p.position, p.users FROM restante_parts p
     JOIN restante_messages m ON m.id = p.message
     WHERE p.position > $1 AND m.expires_at > $2 AND m.retracted_at IS NULL
     ORDER BY p.position LIMIT $3"
);

pub(super) async fn follow(
    session: &Session,
    now: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<Followed>> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut entries = Vec::new();
    for row in session.query(WHOLE, &[&after, &now, &most]).await? {
        let row = messages::sent_row(&row)?;
        entries.push((row.sent.id.value(), row.recipients.clone(), row));
    }
    for row in session.query(PARTS, &[&after, &now, &most]).await? {
        entries.push((row.try_get(15)?, Some(row.try_get(16)?), messages::sent_row(&row)?));
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

//! The senders' side: what was sent, and what became of it.

use super::messages::{self, SentRow, select_sent};
use super::session::Session;
use super::{Result, rows};
use crate::MessageId;
use crate::clock::to_millis;
use crate::store::state::{Row, is_eligible};
use crate::store::user_view::{UserRow, read_at, seen};
use crate::store::{NewMessage, Receipts, SentFilter, SentPage, user_list};

/// How many users are looked at in one go.
const LOOK: i64 = 10_000;

const SENT: &str = select_sent!(
    "FROM restante_messages m WHERE m.id < $1 AND m.expires_at > $2 ORDER BY m.id DESC LIMIT $3"
);
const SENT_BY: &str = select_sent!(
    "FROM restante_messages m WHERE m.sender = $4 AND m.id < $1 AND m.expires_at > $2
     ORDER BY m.id DESC LIMIT $3"
);
const ONE: &str = select_sent!("FROM restante_messages m WHERE m.id = $1 AND m.expires_at > $2");
const PARTS: &str = "
    SELECT position, users FROM restante_parts WHERE message = $1 AND position IS NOT NULL";
const DELIVERIES: &str = "
    SELECT d.state, d.position, d.until, d.at, u.id, u.joined, u.read_through,
        CASE WHEN d.state = 1 AND d.position <= u.read_through THEN
            (SELECT k.at FROM restante_marks k WHERE k.user_id = u.id AND k.position >= d.position
             ORDER BY k.position LIMIT 1) END
    FROM unnest($1::bigint[]) listed(id)
    JOIN restante_deliveries d
        ON d.user_id = listed.id AND d.state IN (0, 1, 2, 3) AND d.position = $2
    JOIN restante_users u ON u.id = listed.id";
const BROADCAST: &str = "SELECT newcomers FROM restante_broadcasts WHERE position = $1";
/// Users with a state of their own, and those whose watermark passed it.
const CANDIDATES: &str = "
    SELECT u.id, u.joined, u.read_through, s.state, s.at,
        (SELECT k.at FROM restante_marks k WHERE k.user_id = u.id AND k.position >= $1
         ORDER BY k.position LIMIT 1)
    FROM restante_users u
    LEFT JOIN restante_seen s ON s.user_id = u.id AND s.position = $1
    WHERE u.id > $2 AND (u.read_through >= $1 OR s.state IS NOT NULL)
    ORDER BY u.id LIMIT $3";

pub(super) async fn sent(session: &Session, now: i64, filter: &SentFilter) -> Result<SentPage> {
    let below = filter.after.map_or(i64::MAX, MessageId::value);
    let wanted = filter.limit + 1;
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    let rows = match &filter.sender {
        Some(sender) => session.query(SENT_BY, &[&below, &now, &limit, sender]).await?,
        None => session.query(SENT, &[&below, &now, &limit]).await?,
    };
    let mut messages = Vec::with_capacity(rows.len());
    for row in &rows {
        messages.push(messages::sent_row(row)?.sent);
    }
    let has_more = messages.len() == wanted;
    messages.truncate(filter.limit);
    let next = if has_more { messages.last().map(|message| message.id) } else { None };
    Ok(SentPage { messages, next })
}

pub(super) async fn receipts(
    session: &Session,
    now: i64,
    id: MessageId,
    sender: Option<&str>,
) -> Result<Option<Receipts>> {
    let found = session.query_opt(ONE, &[&id.value(), &now]).await?;
    let found = found.map(|row| messages::sent_row(&row)).transpose()?;
    let is_theirs = |row: &SentRow| sender.is_none_or(|sender| sender == row.sent.sender);
    let Some(row) = found.filter(is_theirs) else {
        return Ok(None);
    };
    if row.sent.retracted_at.is_some() {
        let delivered = row.sent.recipients.map(|_| 0);
        return Ok(Some(Receipts { sent: row.sent, delivered, read: 0 }));
    }
    if id.is_broadcast() {
        let read = row.gone_read + broadcast_readers(session, &row).await?;
        return Ok(Some(Receipts { sent: row.sent, delivered: None, read }));
    }
    let (mut delivered, mut read) = (row.gone_delivered, row.gone_read);
    for (position, users) in lists(session, &row).await? {
        for row in session.query(DELIVERIES, &[&users, &position]).await? {
            let user = UserRow {
                id: row.try_get(4)?,
                joined: row.try_get(5)?,
                read_through: row.try_get(6)?,
            };
            let read_at = read_at(&user, &rows::delivery(&row, 0)?, row.try_get(7)?);
            delivered += 1;
            read += u64::from(read_at.is_some());
        }
    }
    Ok(Some(Receipts { sent: row.sent, delivered: Some(delivered), read }))
}

/// Where the items of a message are, and whose: the message's own list, or its delivered parts.
async fn lists(session: &Session, row: &SentRow) -> Result<Vec<(i64, Vec<i64>)>> {
    let id = row.sent.id.value();
    if let Some(blob) = &row.recipients {
        return Ok(vec![(id, user_list::decode(blob))]);
    }
    let parts = session.query(PARTS, &[&id]).await?;
    parts.iter().map(|row| Ok((row.try_get(0)?, user_list::decode(row.try_get(1)?)))).collect()
}

/// Readers of a broadcast: looks at every known user.
async fn broadcast_readers(session: &Session, row: &SentRow) -> Result<u64> {
    let position = row.sent.id.value();
    let expires_at = to_millis(row.sent.expires_at.unwrap_or_else(NewMessage::never));
    let sent_at = to_millis(row.sent.date);
    let Some(broadcast) = session.query_opt(BROADCAST, &[&position]).await? else {
        return Ok(0);
    };
    let newcomers: bool = broadcast.try_get(0)?;
    let (mut readers, mut last) = (0, 0_i64);
    loop {
        let candidates = session.query(CANDIDATES, &[&position, &last, &LOOK]).await?;
        if candidates.is_empty() {
            return Ok(readers);
        }
        for found in &candidates {
            let user = UserRow {
                id: found.try_get(0)?,
                joined: found.try_get(1)?,
                read_through: found.try_get(2)?,
            };
            last = user.id;
            let own = match found.try_get::<_, Option<i16>>(3)? {
                Some(state) => {
                    let (state, at) = (rows::state(state), found.try_get(4)?);
                    seen(position, state, at, row.inbox_until, expires_at)
                }
                None => Row::new(position, row.inbox_until),
            };
            let has_read = read_at(&user, &own, found.try_get(5)?).is_some();
            readers += u64::from(has_read && is_eligible(newcomers, sent_at, user.joined));
        }
    }
}

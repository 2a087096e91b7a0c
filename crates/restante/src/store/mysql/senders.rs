//! The senders' side: what was sent, and what became of it.

use super::messages::{self, SentRow, select_sent};
use super::session::{Session, get};
use super::sql::Value;
use super::{Result, rows};
use crate::MessageId;
use crate::clock::to_millis;
use crate::store::state::{Row, is_eligible};
use crate::store::user_view::{UserRow, read_at, seen};
use crate::store::{NewMessage, Receipts, SentFilter, SentPage, user_list};

/// How many users are looked at in one go.
const LOOK: usize = 500;

const SENT: &str = select_sent!(
    "FROM restante_messages m WHERE m.id < ? AND m.expires_at > ? ORDER BY m.id DESC LIMIT ?"
);
const SENT_BY: &str = select_sent!(
    "FROM restante_messages m WHERE m.sender = ? AND m.id < ? AND m.expires_at > ?
     ORDER BY m.id DESC LIMIT ?"
);
const ONE: &str = select_sent!("FROM restante_messages m WHERE m.id = ? AND m.expires_at > ?");
const PARTS: &str = "
    SELECT position, users FROM restante_parts WHERE message = ? AND position IS NOT NULL";
const DELIVERIES: &str = "
    SELECT d.state, d.position, d.until, d.at, u.id, u.joined, u.read_through
    FROM restante_deliveries d JOIN restante_users u ON u.id = d.user_id
    WHERE d.user_id IN (?) AND d.state IN (0, 1, 2, 3) AND d.position = ?";
const BROADCAST: &str = "SELECT newcomers FROM restante_broadcasts WHERE position = ?";
/// Users with a state of their own, and those whose watermark passed it.
const CANDIDATES: &str = "
    SELECT u.id, u.joined, u.read_through, s.state, s.at
    FROM restante_users u
    LEFT JOIN restante_seen s ON s.user_id = u.id AND s.position = ?
    WHERE u.id > ? AND (u.read_through >= ? OR s.state IS NOT NULL)
    ORDER BY u.id LIMIT ?";

pub(super) async fn sent(session: &Session, now: i64, filter: &SentFilter) -> Result<SentPage> {
    let below = filter.after.map_or(i64::MAX, MessageId::value).into();
    let wanted = filter.limit + 1;
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX).into();
    let rows = match &filter.sender {
        Some(sender) => {
            let sender = Value::Bytes(sender.as_bytes());
            session.rows(SENT_BY, &[sender, below, now.into(), limit]).await?
        }
        None => session.rows(SENT, &[below, now.into(), limit]).await?,
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
    let found = session.row(ONE, &[id.value().into(), now.into()]).await?;
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
        for users in users.chunks(LOOK) {
            let (there, read_by) = deliveries(session, users, position).await?;
            delivered += there;
            read += read_by;
        }
    }
    Ok(Some(Receipts { sent: row.sent, delivered: Some(delivered), read }))
}

/// How many of these users have an item, and how many read it.
async fn deliveries(session: &Session, users: &[i64], position: i64) -> Result<(u64, u64)> {
    let mut found = Vec::with_capacity(users.len());
    for row in session.rows(DELIVERIES, &[Value::Numbers(users), position.into()]).await? {
        let user =
            UserRow { id: get(&row, 4)?, joined: get(&row, 5)?, read_through: get(&row, 6)? };
        found.push((user, rows::delivery(&row, 0)?));
    }
    let read = count_read(session, &found).await?;
    Ok((found.len() as u64, read))
}

/// How many of these items were read, each by its user.
async fn count_read(session: &Session, items: &[(UserRow, Row)]) -> Result<u64> {
    let undated = items.iter().filter(|(user, row)| rows::needs_mark(user, row));
    let undated: Vec<(i64, i64)> = undated.map(|(user, row)| (user.id, row.position)).collect();
    let marks = rows::first_marks(session, &undated).await?;
    let is_read = |(user, row): &&(UserRow, Row)| {
        read_at(user, row, marks.get(&(user.id, row.position)).copied()).is_some()
    };
    Ok(items.iter().filter(is_read).count() as u64)
}

/// Where the items of a message are, and whose: the message's own list, or its delivered parts.
async fn lists(session: &Session, row: &SentRow) -> Result<Vec<(i64, Vec<i64>)>> {
    let id = row.sent.id.value();
    if let Some(blob) = &row.recipients {
        return Ok(vec![(id, user_list::decode(blob))]);
    }
    let parts = session.rows(PARTS, &[id.into()]).await?;
    let list = |row| Ok((get(row, 0)?, user_list::decode(&get::<Vec<u8>>(row, 1)?)));
    parts.iter().map(list).collect()
}

/// Readers of a broadcast: looks at every known user.
async fn broadcast_readers(session: &Session, row: &SentRow) -> Result<u64> {
    let position = row.sent.id.value();
    let expires_at = to_millis(row.sent.expires_at.unwrap_or_else(NewMessage::never));
    let sent_at = to_millis(row.sent.date);
    let Some(broadcast) = session.row(BROADCAST, &[position.into()]).await? else {
        return Ok(0);
    };
    let newcomers: bool = get(&broadcast, 0)?;
    let (mut readers, mut last) = (0, 0_i64);
    let look = i64::try_from(LOOK).unwrap_or(i64::MAX);
    loop {
        let values = [position.into(), last.into(), position.into(), look.into()];
        let candidates = session.rows(CANDIDATES, &values).await?;
        if candidates.is_empty() {
            return Ok(readers);
        }
        let mut items = Vec::with_capacity(candidates.len());
        for found in &candidates {
            let user = UserRow {
                id: get(found, 0)?,
                joined: get(found, 1)?,
                read_through: get(found, 2)?,
            };
            last = user.id;
            let own = match get::<Option<i64>>(found, 3)? {
                Some(state) => {
                    let (state, at) = (rows::state(state), get(found, 4)?);
                    seen(position, state, at, row.inbox_until, expires_at)
                }
                None => Row::new(position, row.inbox_until),
            };
            if is_eligible(newcomers, sent_at, user.joined) {
                items.push((user, own));
            }
        }
        readers += count_read(session, &items).await?;
    }
}

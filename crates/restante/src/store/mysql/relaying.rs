//! The outbox: messages that any program left with an INSERT in its own transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::SystemTime;

use mysql_async::Row as SqlRow;

use super::session::{Session, get};
use super::sql::{Value, key, sql};
use super::tx::Tx;
use super::{Result, directory, rows, sending};
use crate::UserId;
use crate::clock::to_millis;
use crate::store::group::{Audience, Kept, Known, Wanted};
use crate::store::{Expiry, NewMessage, OutboxRow, Relayed, RelayedMessage};

pub(super) const HAS_FRESH: &str = "SELECT 1 FROM restante_outbox WHERE refused_at IS NULL LIMIT 1";
const RECIPIENTS: &str = "
    SELECT recipient FROM restante_outbox WHERE refused_at IS NULL ORDER BY id LIMIT ?";
/// Whoever relays holds the clock, so rows are locked only by programs that change what they left:
/// those are passed over and come with the next round.
const FRESH: &str = "
    SELECT id, recipient, message, level, tags, url, data, expires_at, `key`
    FROM restante_outbox WHERE refused_at IS NULL ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED";
const DONE: &str = "DELETE FROM restante_outbox WHERE id IN (?)";
const REFUSE: &str = "UPDATE restante_outbox SET error = ?, refused_at = ? WHERE id = ?";
/// The collation passes over spaces at the end; the bytes do not.
const TEXTS_OF: &str = "
    SELECT message FROM restante_outbox
    WHERE recipient = ? AND CAST(recipient AS BINARY) = ? ORDER BY id";

/// Makes the users to whom the next rows go, before the clock is taken.
pub(super) async fn make_recipients(session: &Session, limit: usize) -> Result<()> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut keys = Vec::new();
    for row in session.rows(RECIPIENTS, &[limit.into()]).await? {
        let key: String = get(&row, 0)?;
        if UserId::new(key.as_str()).is_ok() {
            keys.push(key);
        }
    }
    keys.sort_unstable();
    keys.dedup();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (_, known) = directory::find(session, &keys).await?;
    let is_known = |key: &&str| known.iter().any(|user| user.key == *key);
    let new: Vec<&str> = keys.iter().copied().filter(|key| !is_known(key)).collect();
    directory::make(session, &new, Kept::Perhaps).await
}

/// Sends up to `limit` rows in the order of their ids. Each leaves the outbox in the transaction
/// that sends it; one that breaks a rule stays with its error.
pub(super) async fn relay(
    tx: &Tx,
    now: SystemTime,
    expiry: Expiry,
    limit: usize,
) -> Result<Relayed> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let fresh = tx.session.rows(FRESH, &[most.into()]).await?;
    let mut relayed = Relayed { more: fresh.len() == limit, ..Relayed::default() };
    let mut refused: BTreeMap<i64, String> = BTreeMap::new();
    let mut prepared: Vec<(i64, NewMessage, Option<UserId>)> = Vec::with_capacity(fresh.len());
    for row in &fresh {
        let id = get(row, 0)?;
        match outbox_row(row)?.prepare(now, expiry) {
            Ok((message, user)) => prepared.push((id, message, user)),
            Err(error) => {
                refused.insert(id, error.to_string());
            }
        }
    }
    let users = recipients(tx, &prepared).await?;
    let mut wanted = Vec::with_capacity(prepared.len());
    for (_, message, user) in &prepared {
        let audience = match user {
            None => Audience::Everyone { newcomers: false },
            Some(user) => match users.get(user.as_str()) {
                Some(user) => Audience::Few(vec![user.id]),
                None => break,
            },
        };
        wanted.push(Wanted { now: to_millis(now), message, audience });
    }
    // A recipient who came in or was forgotten since: the rest has to wait, in order, for the next
    // round, which makes the user first.
    relayed.more |= wanted.len() < prepared.len();
    let results = sending::send_all(tx, &wanted).await?;
    let (mut done, mut keep) = (Vec::with_capacity(results.len()), Vec::new());
    for ((outbox_id, message, user), result) in prepared.iter().zip(results) {
        match result {
            Ok(sent) => {
                done.push(*outbox_id);
                let known = user.as_ref().and_then(|user| users.get(user.as_str()));
                keep.extend(known.filter(|user| !user.is_kept).map(|user| user.id));
                let message = Arc::clone(message.message());
                let (outbox_id, user) = (*outbox_id, user.clone());
                relayed.messages.push(RelayedMessage { outbox_id, sent, user, message });
            }
            Err(error) => {
                refused.insert(*outbox_id, error.to_string());
            }
        }
    }
    relayed.refused = refused.len() as u64;
    tx.session.execute(DONE, &[Value::Numbers(&done)]).await?;
    if !keep.is_empty() {
        directory::keep(&tx.session, &keep).await?;
    }
    let refusals = refused
        .iter()
        .map(|(id, error)| sql(REFUSE, &[Value::Text(error), to_millis(now).into(), (*id).into()]));
    if let Some(refusals) = rows::in_turn(refusals) {
        tx.session.execute_all(&refusals).await?;
    }
    Ok(relayed)
}

async fn recipients(
    tx: &Tx,
    prepared: &[(i64, NewMessage, Option<UserId>)],
) -> Result<HashMap<String, Known>> {
    let keys: Vec<&str> =
        prepared.iter().filter_map(|(.., user)| user.as_ref().map(UserId::as_str)).collect();
    let (_, known) = directory::find(&tx.session, &keys).await?;
    Ok(known.into_iter().map(|user| (user.key.clone(), user)).collect())
}

fn outbox_row(row: &SqlRow) -> Result<OutboxRow> {
    Ok(OutboxRow {
        recipient: get(row, 1)?,
        message: get(row, 2)?,
        level: get(row, 3)?,
        tags: get(row, 4)?,
        url: get(row, 5)?,
        data: get(row, 6)?,
        expires_at: get(row, 7)?,
        key: get(row, 8)?,
    })
}

/// The texts that wait or were refused for a user.
pub(super) async fn texts_of(session: &Session, user: &UserId) -> Result<Vec<String>> {
    let rows = session.rows(TEXTS_OF, &[Value::Text(user.as_str()), key(user)]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

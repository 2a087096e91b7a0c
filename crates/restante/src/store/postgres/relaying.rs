//! The outbox: messages that any program left with an INSERT in its own transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::SystemTime;

use tokio_postgres::Row as SqlRow;

use super::sending;
use super::session::Session;
use super::tx::Tx;
use super::{Result, directory};
use crate::UserId;
use crate::clock::to_millis;
use crate::store::group::{Audience, Kept, Known, Wanted};
use crate::store::{Expiry, NewMessage, OutboxRow, Relayed, RelayedMessage};

pub(super) const HAS_FRESH: &str =
    "SELECT EXISTS (SELECT 1 FROM restante_outbox WHERE error IS NULL)";
const RECIPIENTS: &str = "
    SELECT DISTINCT recipient FROM
        (SELECT recipient FROM restante_outbox WHERE error IS NULL ORDER BY id LIMIT $1) next";
/// Whoever relays holds the clock, so rows are locked only by programs that change what they left:
/// those are passed over and come with the next round.
const FRESH: &str = "
    SELECT id, recipient, message, level, tags, url, data, expires_at, key
    FROM restante_outbox WHERE error IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED";
const DONE: &str = "DELETE FROM restante_outbox WHERE id = ANY ($1)";
const REFUSE: &str = "
    UPDATE restante_outbox o SET error = refused.error, refused_at = $3
    FROM unnest($1::bigint[], $2::text[]) refused(id, error) WHERE o.id = refused.id";
const TEXTS_OF: &str = "SELECT message FROM restante_outbox WHERE recipient = $1 ORDER BY id";

/// Makes the users to whom the next rows go, before the clock is taken.
pub(super) async fn make_recipients(session: &Session, limit: usize) -> Result<()> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut keys = Vec::new();
    for row in session.query(RECIPIENTS, &[&limit]).await? {
        let key: String = row.try_get(0)?;
        if UserId::new(key.as_str()).is_ok() {
            keys.push(key);
        }
    }
    keys.sort_unstable();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (_, known) = directory::find(session, &keys).await?;
    let is_known = |key: &&str| known.iter().any(|user| user.key == *key);
    let new: Vec<&str> = keys.iter().copied().filter(|key| !is_known(key)).collect();
    if new.is_empty() {
        return Ok(());
    }
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
    let rows = tx.session.query(FRESH, &[&i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
    let mut relayed = Relayed { more: rows.len() == limit, ..Relayed::default() };
    let mut refused: BTreeMap<i64, String> = BTreeMap::new();
    let mut prepared: Vec<(i64, NewMessage, Option<UserId>)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = row.try_get(0)?;
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
    let (refused, errors): (Vec<i64>, Vec<String>) = refused.into_iter().unzip();
    tx.session.execute(DONE, &[&done]).await?;
    if !keep.is_empty() {
        directory::keep(&tx.session, &keep).await?;
    }
    if !refused.is_empty() {
        tx.session.execute(REFUSE, &[&refused, &errors, &to_millis(now)]).await?;
    }
    Ok(relayed)
}

async fn recipients(
    tx: &Tx,
    prepared: &[(i64, NewMessage, Option<UserId>)],
) -> Result<HashMap<String, Known>> {
    let keys: Vec<&str> =
        prepared.iter().filter_map(|(.., user)| user.as_ref().map(UserId::as_str)).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let (_, known) = directory::find(&tx.session, &keys).await?;
    Ok(known.into_iter().map(|user| (user.key.clone(), user)).collect())
}

fn outbox_row(row: &SqlRow) -> Result<OutboxRow> {
    Ok(OutboxRow {
        recipient: row.try_get(1)?,
        message: row.try_get(2)?,
        level: row.try_get(3)?,
        tags: row.try_get(4)?,
        url: row.try_get(5)?,
        data: row.try_get(6)?,
        expires_at: row.try_get(7)?,
        key: row.try_get(8)?,
    })
}

/// The texts that wait or were refused for a user.
pub(super) async fn texts_of(session: &Session, user: &UserId) -> Result<Vec<String>> {
    let rows = session.query(TEXTS_OF, &[&user.as_str()]).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

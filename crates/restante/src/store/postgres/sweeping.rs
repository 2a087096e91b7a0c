//! Removing what nobody can see, in bounded steps: whichever of these there is first.

use super::session::{Parameters, Session};
use super::tx::Tx;
use super::{Result, forgetting, retracting, rows};
use crate::store::group::KEY_MILLIS;
use crate::store::{Swept, user_list};

/// About how many rows leave in one step, which is how long senders wait for it: some milliseconds.
const STEP: i64 = 1_000;
/// How long refused outbox rows and the end of a user's tokens are remembered: 30 days.
const KEEP_MILLIS: i64 = 30 * 86_400_000;

/// Most messages that leave in one step, whose lists of recipients are read.
const EXPIRED: &str = "
    SELECT id, recipients FROM restante_messages WHERE expires_at <= $1
    ORDER BY expires_at, id LIMIT 500";
const REMOVE_DELIVERIES: &str = "
    DELETE FROM restante_deliveries d
    USING unnest($1::bigint[], $2::bigint[]) old(user_id, position)
    WHERE d.user_id = old.user_id AND d.state IN (0, 1, 2, 3) AND d.position = old.position";
const REMOVE_MESSAGES: &str = "DELETE FROM restante_messages WHERE id = ANY ($1)";
const REMOVE_BROADCAST: &str = "DELETE FROM restante_broadcasts WHERE position = $1";
const REMOVE_STATES: &str = "
    DELETE FROM restante_seen WHERE position = $1 AND user_id IN
        (SELECT user_id FROM restante_seen WHERE position = $1 LIMIT $2)";
const NEXT_PART: &str = "
    SELECT part, position, users FROM restante_parts WHERE message = $1 ORDER BY part LIMIT 1";
const REMOVE_PART: &str = "DELETE FROM restante_parts WHERE message = $1 AND part = $2";
const OTHERS: [(&str, i64); 4] = [
    (
        "DELETE FROM restante_keys WHERE (sender, key) IN
             (SELECT sender, key FROM restante_keys WHERE at <= $1 LIMIT $2)",
        KEY_MILLIS,
    ),
    (
        "DELETE FROM restante_outbox WHERE id IN
             (SELECT id FROM restante_outbox WHERE error IS NOT NULL AND refused_at <= $1 LIMIT $2)",
        KEEP_MILLIS,
    ),
    (
        "DELETE FROM restante_ended_tokens WHERE key IN
             (SELECT key FROM restante_ended_tokens WHERE at <= $1 LIMIT $2)",
        KEEP_MILLIS,
    ),
    (
        "DELETE FROM restante_used_once WHERE id IN
             (SELECT id FROM restante_used_once WHERE until <= $1 LIMIT $2)",
        0,
    ),
];
const OLD_MARKS: &str = "
    SELECT user_id, position FROM restante_marks
    WHERE position < COALESCE((SELECT min(id) FROM restante_messages), 9223372036854775807) LIMIT $1";
const REMOVE_MARKS: &str = "
    DELETE FROM restante_marks k USING unnest($1::bigint[], $2::bigint[]) old(user_id, position)
    WHERE k.user_id = old.user_id AND k.position = old.position";

/// Marks below the oldest message, which date nothing any more. Finding them may look at all marks,
/// so it is not done in the writer's transaction, and only when nothing else is left. Gives users
/// and positions.
pub(super) async fn old_marks(session: &Session) -> Result<(Vec<i64>, Vec<i64>)> {
    let rows = session.query(OLD_MARKS, &[&STEP]).await?;
    let mut marks = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        marks.0.push(row.try_get(0)?);
        marks.1.push(row.try_get(1)?);
    }
    Ok(marks)
}

/// Removes marks found by [`old_marks`]. There may be more of them.
pub(super) async fn remove_marks(tx: &Tx, users: &[i64], positions: &[i64]) -> Result<Swept> {
    let others = tx.session.execute(REMOVE_MARKS, &[&users, &positions]).await?;
    Ok(Swept { others, more: true, ..Swept::default() })
}

/// One step. `more` while it found something; marks are left to [`remove_marks`].
pub(super) async fn step(tx: &Tx, now: i64) -> Result<Swept> {
    if let Some(items) = retracting::remove_part(tx).await? {
        return Ok(Swept { items, more: true, ..Swept::default() });
    }
    let mut swept = remove_expired(tx, now).await?;
    if swept == Swept::default() {
        swept = forgetting::remove_some(tx, now, STEP).await?;
    }
    if swept == Swept::default() {
        for (sql, kept_for) in OTHERS {
            swept.others += tx.session.execute(sql, &[&(now - kept_for), &STEP]).await?;
        }
    }
    swept.more |= swept != Swept::default();
    Ok(swept)
}

/// Removes expired messages with their rows: several of short lists, or else one part of a long
/// list, or some states of a broadcast.
async fn remove_expired(tx: &Tx, now: i64) -> Result<Swept> {
    let session = &tx.session;
    let (mut ids, mut users, mut positions) = (Vec::new(), Vec::new(), Vec::new());
    for row in session.query(EXPIRED, &[&now]).await? {
        let (id, list): (i64, Option<Vec<u8>>) = (row.try_get(0)?, row.try_get(1)?);
        let Some(list) = list else {
            if ids.is_empty() {
                return remove_large(tx, id).await;
            }
            // Comes with the next step.
            break;
        };
        ids.push(id);
        users.extend(user_list::decode(&list));
        positions.resize(users.len(), id);
        if i64::try_from(users.len()).unwrap_or(i64::MAX) >= STEP {
            break;
        }
    }
    if ids.is_empty() {
        return Ok(Swept::default());
    }
    let (items, messages): (Parameters<'_>, Parameters<'_>) = (&[&users, &positions], &[&ids]);
    let (items, messages) = tokio::try_join!(
        session.execute(REMOVE_DELIVERIES, items),
        session.execute(REMOVE_MESSAGES, messages),
    )?;
    Ok(Swept { items, messages, more: true, ..Swept::default() })
}

/// One step of removing a broadcast or a long list; with the last of its rows the message itself.
async fn remove_large(tx: &Tx, id: i64) -> Result<Swept> {
    let session = &tx.session;
    if id % 2 == 1 {
        if session.execute(REMOVE_BROADCAST, &[&id]).await? > 0 {
            tx.change_shared_view().await?;
        }
        let items = session.execute(REMOVE_STATES, &[&id, &STEP]).await?;
        if items > 0 {
            return Ok(Swept { items, more: true, ..Swept::default() });
        }
    } else if let Some(next) = session.query_opt(NEXT_PART, &[&id]).await? {
        let (part, position): (i64, Option<i64>) = (next.try_get(0)?, next.try_get(1)?);
        let items = match position {
            Some(position) => {
                rows::remove(session, &user_list::decode(next.try_get(2)?), position).await?
            }
            None => 0,
        };
        session.execute(REMOVE_PART, &[&id, &part]).await?;
        return Ok(Swept { items, more: true, ..Swept::default() });
    }
    let messages = session.execute(REMOVE_MESSAGES, &[&[id].as_slice()]).await?;
    Ok(Swept { messages, more: true, ..Swept::default() })
}

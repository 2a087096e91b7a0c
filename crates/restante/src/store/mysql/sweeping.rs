//! Removing what nobody can see, in bounded steps: whichever of these there is first.

use super::session::{Session, get};
use super::sql::{Value, sql};
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
    SELECT id, recipients FROM restante_messages WHERE expires_at <= ?
    ORDER BY expires_at, id LIMIT 500";
const REMOVE_MESSAGES: &str = "DELETE FROM restante_messages WHERE id IN (?)";
const REMOVE_BROADCAST: &str = "DELETE FROM restante_broadcasts WHERE position = ?";
const REMOVE_STATES: &str = "DELETE FROM restante_seen WHERE position = ? LIMIT ?";
const NEXT_PART: &str = "
    SELECT part, position, users FROM restante_parts WHERE message = ? ORDER BY part LIMIT 1";
const REMOVE_PART: &str = "DELETE FROM restante_parts WHERE message = ? AND part = ?";
const OTHERS: [(&str, i64); 4] = [
    ("DELETE FROM restante_keys WHERE at <= ? LIMIT ?", KEY_MILLIS),
    ("DELETE FROM restante_outbox WHERE refused_at <= ? LIMIT ?", KEEP_MILLIS),
    ("DELETE FROM restante_ended_tokens WHERE at <= ? LIMIT ?", KEEP_MILLIS),
    ("DELETE FROM restante_used_once WHERE until <= ? LIMIT ?", 0),
];
const OLD_MARKS: &str = "
    SELECT user_id, position FROM restante_marks
    WHERE position < COALESCE((SELECT MIN(id) FROM restante_messages), 9223372036854775807) LIMIT ?";
const REMOVE_MARK: &str = "DELETE FROM restante_marks WHERE user_id = ? AND position = ?";

/// Marks below the oldest message, which date nothing any more. Finding them may look at all marks,
/// so it is not done in the writer's transaction, and only when nothing else is left. Gives users
/// and positions.
pub(super) async fn old_marks(session: &Session) -> Result<Vec<(i64, i64)>> {
    let rows = session.rows(OLD_MARKS, &[STEP.into()]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

/// Removes marks found by [`old_marks`]. There may be more of them.
pub(super) async fn remove_marks(tx: &Tx, marks: &[(i64, i64)]) -> Result<Swept> {
    let remove = |&(user, position): &(i64, i64)| sql(REMOVE_MARK, &[user.into(), position.into()]);
    let others = match rows::in_turn(marks.iter().map(remove)) {
        Some(removes) => tx.session.execute_all(&removes).await?,
        None => 0,
    };
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
        for (template, kept_for) in OTHERS {
            let values = [(now - kept_for).into(), STEP.into()];
            swept.others += tx.session.execute(template, &values).await?;
        }
    }
    swept.more |= swept != Swept::default();
    Ok(swept)
}

/// Removes expired messages with their rows: several of short lists, or else one part of a long
/// list, or some states of a broadcast.
async fn remove_expired(tx: &Tx, now: i64) -> Result<Swept> {
    let session = &tx.session;
    let (mut ids, mut lists, mut size) = (Vec::new(), Vec::new(), 0);
    for row in session.rows(EXPIRED, &[now.into()]).await? {
        let (id, list): (i64, Option<Vec<u8>>) = (get(&row, 0)?, get(&row, 1)?);
        let Some(list) = list else {
            if ids.is_empty() {
                return remove_large(tx, id).await;
            }
            // Comes with the next step.
            break;
        };
        let users = user_list::decode(&list);
        size += users.len();
        ids.push(id);
        lists.push((id, users));
        if i64::try_from(size).unwrap_or(i64::MAX) >= STEP {
            break;
        }
    }
    if ids.is_empty() {
        return Ok(Swept::default());
    }
    let items = rows::remove_all(session, &lists).await?;
    let messages = session.execute(REMOVE_MESSAGES, &[Value::Numbers(&ids)]).await?;
    Ok(Swept { items, messages, more: true, ..Swept::default() })
}

/// One step of removing a broadcast or a long list; with the last of its rows the message itself.
async fn remove_large(tx: &Tx, id: i64) -> Result<Swept> {
    let session = &tx.session;
    if id % 2 == 1 {
        if session.execute(REMOVE_BROADCAST, &[id.into()]).await? > 0 {
            tx.change_shared_view();
        }
        let items = session.execute(REMOVE_STATES, &[id.into(), STEP.into()]).await?;
        if items > 0 {
            return Ok(Swept { items, more: true, ..Swept::default() });
        }
    } else if let Some(next) = session.row(NEXT_PART, &[id.into()]).await? {
        let (part, position): (i64, Option<i64>) = (get(&next, 0)?, get(&next, 1)?);
        let users = user_list::decode(&get::<Vec<u8>>(&next, 2)?);
        let items = match position {
            Some(position) => rows::remove(session, &users, position).await?,
            None => 0,
        };
        session.execute(REMOVE_PART, &[id.into(), part.into()]).await?;
        return Ok(Swept { items, more: true, ..Swept::default() });
    }
    let messages = session.execute(REMOVE_MESSAGES, &[Value::Numbers(&[id])]).await?;
    Ok(Swept { messages, more: true, ..Swept::default() })
}

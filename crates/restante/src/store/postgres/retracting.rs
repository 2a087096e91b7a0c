//! Taking a message back.

use super::tx::Tx;
use super::{Result, rows};
use crate::MessageId;
use crate::store::{state, user_list};

const FIND: &str = "
    SELECT expires_at, recipients FROM restante_messages
    WHERE id = $1 AND retracted_at IS NULL AND expires_at > $2
    AND ($3::text IS NULL OR sender = $3)";
const RETRACT: &str =
    "UPDATE restante_messages SET retracted_at = $2, expires_at = $3 WHERE id = $1";
const REMOVE_BROADCAST: &str = "DELETE FROM restante_broadcasts WHERE position = $1";
const DROP_WAITING: &str = "DELETE FROM restante_parts WHERE message = $1 AND position IS NULL";
const LEAVE_OUT: &str = "
    INSERT INTO restante_retracting SELECT position FROM restante_parts WHERE message = $1";
const NEXT: &str = "
    SELECT r.position, COALESCE(p.users, ''::bytea) FROM restante_retracting r
    LEFT JOIN restante_parts p ON p.position = r.position ORDER BY r.position LIMIT 1";
const REMOVE_PART: &str = "DELETE FROM restante_parts WHERE position = $1";
const NO_MORE: &str = "DELETE FROM restante_retracting WHERE position = $1";

/// Takes a message back, so that no page or count after this transaction knows it. The rows of a
/// short list go at once; those of a long one are left to the sweeper, and until then readers leave
/// their positions out.
pub(super) async fn retract(
    tx: &Tx,
    now: i64,
    id: MessageId,
    sender: Option<&str>,
) -> Result<bool> {
    let (session, is_broadcast, message) = (&tx.session, id.is_broadcast(), id);
    let id = id.value();
    let Some(found) = session.query_opt(FIND, &[&id, &now, &sender]).await? else {
        return Ok(false);
    };
    let until = state::retracted_until(now, found.try_get(0)?);
    let recipients: Option<Vec<u8>> = found.try_get(1)?;
    session.execute(RETRACT, &[&id, &now, &until]).await?;
    tx.hint(|hints| hints.retracted(message));
    if is_broadcast {
        session.execute(REMOVE_BROADCAST, &[&id]).await?;
        tx.change_shared_view().await?;
    } else if let Some(list) = recipients {
        rows::remove(session, &user_list::decode(&list), id).await?;
    } else {
        session.execute(DROP_WAITING, &[&id]).await?;
        session.execute(LEAVE_OUT, &[&id]).await?;
        tx.change_shared_view().await?;
    }
    Ok(true)
}

/// Removes the rows of one part of a retracted long list and tells how many; `None` when there is
/// no such part.
pub(super) async fn remove_part(tx: &Tx) -> Result<Option<u64>> {
    let session = &tx.session;
    let Some(next) = session.query_opt(NEXT, &[]).await? else {
        return Ok(None);
    };
    let (position, list): (i64, Vec<u8>) = (next.try_get(0)?, next.try_get(1)?);
    let removed = rows::remove(session, &user_list::decode(&list), position).await?;
    session.execute(REMOVE_PART, &[&position]).await?;
    session.execute(NO_MORE, &[&position]).await?;
    tx.change_shared_view().await?;
    Ok(Some(removed))
}

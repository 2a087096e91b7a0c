//! Taking a message back.

use super::session::get;
use super::sql::{Value, sql};
use super::tx::Tx;
use super::{Result, rows};
use crate::MessageId;
use crate::store::{state, user_list};

const FIND: &str = "
    SELECT expires_at, recipients FROM restante_messages
    WHERE id = ? AND retracted_at IS NULL AND expires_at > ?";
const OF_SENDER: &str = " AND sender = ?";
const RETRACT: &str = "UPDATE restante_messages SET retracted_at = ?, expires_at = ? WHERE id = ?";
const REMOVE_BROADCAST: &str = "DELETE FROM restante_broadcasts WHERE position = ?";
const DROP_WAITING: &str = "DELETE FROM restante_parts WHERE message = ? AND position IS NULL";
const LEAVE_OUT: &str = "
    INSERT INTO restante_retracting SELECT position FROM restante_parts WHERE message = ?";
const NEXT: &str = "
    SELECT r.position, p.users FROM restante_retracting r
    LEFT JOIN restante_parts p ON p.position = r.position ORDER BY r.position LIMIT 1";
const REMOVE_PART: &str = "
    DELETE FROM restante_parts WHERE position = ?;
    DELETE FROM restante_retracting WHERE position = ?";

/// Takes a message back, so that no page or count after this transaction knows it. The rows of a
/// short list go at once; those of a long one are left to the sweeper, and until then readers leave
/// their positions out.
pub(super) async fn retract(
    tx: &Tx,
    now: i64,
    id: MessageId,
    sender: Option<&str>,
) -> Result<bool> {
    let (session, is_broadcast, id) = (&tx.session, id.is_broadcast(), id.value());
    let mut find = sql(FIND, &[id.into(), now.into()]);
    if let Some(sender) = sender {
        find = find.end_with(&sql(OF_SENDER, &[Value::Bytes(sender.as_bytes())]));
    }
    let found = session.ask(&find).await?.pop().and_then(|answer| answer.rows.into_iter().next());
    let Some(found) = found else {
        return Ok(false);
    };
    let until = state::retracted_until(now, get(&found, 0)?);
    let recipients: Option<Vec<u8>> = get(&found, 1)?;
    session.execute(RETRACT, &[now.into(), until.into(), id.into()]).await?;
    if is_broadcast {
        session.execute(REMOVE_BROADCAST, &[id.into()]).await?;
        tx.change_shared_view();
    } else if let Some(list) = recipients {
        rows::remove(session, &user_list::decode(&list), id).await?;
    } else {
        session.execute(DROP_WAITING, &[id.into()]).await?;
        session.execute(LEAVE_OUT, &[id.into()]).await?;
        tx.change_shared_view();
    }
    Ok(true)
}

/// Removes the rows of one part of a retracted long list and tells how many; `None` when there is
/// no such part.
pub(super) async fn remove_part(tx: &Tx) -> Result<Option<u64>> {
    let session = &tx.session;
    let Some(next) = session.row(NEXT, &[]).await? else {
        return Ok(None);
    };
    let (position, list): (i64, Option<Vec<u8>>) = (get(&next, 0)?, get(&next, 1)?);
    let users = user_list::decode(&list.unwrap_or_default());
    let removed = rows::remove(session, &users, position).await?;
    session.execute(REMOVE_PART, &[position.into(), position.into()]).await?;
    tx.change_shared_view();
    Ok(Some(removed))
}

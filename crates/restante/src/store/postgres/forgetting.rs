//! Forgetting a user, and handing out what is kept of one.

use std::collections::BTreeMap;

use super::paging;
use super::readers::Readers;
use super::session::Session;
use super::tx::Tx;
use super::{Result, relaying, rows};
use crate::clock::from_millis;
use crate::store::paging::Ask;
use crate::store::shared_view::Body;
use crate::store::state::{Row, State, is_eligible};
use crate::store::user_view::{UserRow, read_at, seen};
use crate::store::{Export, ExportedItem, Swept, user_list};
use crate::{UserId, View};

const LEAVE_OUTBOX: &str = "DELETE FROM restante_outbox WHERE recipient = $1";
const LOSE_KEY: &str = "UPDATE restante_users SET key = NULL WHERE key = $1 RETURNING id, is_kept";
const WAITING: &str = "SELECT message, part, users FROM restante_parts WHERE position IS NULL";
const PUT_PART: &str = "UPDATE restante_parts SET users = $3 WHERE message = $1 AND part = $2";
const ONE_LESS: &str = "UPDATE restante_messages SET total = total - 1 WHERE id = $1";

const FORGOTTEN: &str =
    "SELECT id, joined, read_through FROM restante_users WHERE key IS NULL ORDER BY id LIMIT 1";
const ITEMS: &str = "
    SELECT d.state, d.position, d.until, d.at, COALESCE(d.message, d.position),
        (SELECT k.at FROM restante_marks k WHERE k.user_id = $1 AND k.position >= d.position
         ORDER BY k.position LIMIT 1)
    FROM restante_deliveries d WHERE d.user_id = $1 LIMIT $2";
const REMOVE_ITEMS: &str = "
    DELETE FROM restante_deliveries d
    USING unnest($2::smallint[], $3::bigint[]) old(state, position)
    WHERE d.user_id = $1 AND d.state = old.state AND d.position = old.position";
const ADD_GONE: &str = "
    UPDATE restante_messages m SET gone_delivered = m.gone_delivered + gone.delivered,
        gone_read = m.gone_read + gone.read
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) gone(id, delivered, read)
    WHERE m.id = gone.id";
const BROADCASTS: &str = "
    SELECT b.position, b.until, b.expires_at, b.sent_at, b.newcomers, s.state, s.at,
        (SELECT k.at FROM restante_marks k WHERE k.user_id = $1 AND k.position >= b.position
         ORDER BY k.position LIMIT 1)
    FROM restante_broadcasts b
    LEFT JOIN restante_seen s ON s.user_id = $1 AND s.position = b.position
    WHERE b.expires_at > $2";
const REMOVE_REST: [&str; 3] = [
    "DELETE FROM restante_seen WHERE user_id = $1",
    "DELETE FROM restante_marks WHERE user_id = $1",
    "DELETE FROM restante_users WHERE id = $1",
];

const DISMISSED: &str = "
    SELECT d.state, d.position, d.until, d.at,
        m.sent_at, m.expires_at, m.level, m.text, m.tags, m.url, m.data
    FROM restante_deliveries d JOIN restante_messages m ON m.id = COALESCE(d.message, d.position)
    WHERE d.user_id = $1 AND d.state = 3 AND m.expires_at > $2 AND m.retracted_at IS NULL";
const TOKENS_ENDED_AT: &str = "SELECT at FROM restante_ended_tokens WHERE key = $1";

/// Takes the user's id away from what is kept, in one step whatever there is: from here on the id
/// is that of a user never heard of. The rows are removed by [`remove_some`].
pub(super) async fn forget(tx: &Tx, user: &UserId) -> Result<bool> {
    let session = &tx.session;
    let left = session.execute(LEAVE_OUTBOX, &[&user.as_str()]).await?;
    let Some(found) = session.query_opt(LOSE_KEY, &[&user.as_str()]).await? else {
        return Ok(left > 0);
    };
    // Tells whoever looked the id up before to do so again.
    tx.count_forgotten().await?;
    leave_waiting_parts(session, found.try_get(0)?).await?;
    Ok(left > 0 || found.try_get(1)?)
}

/// A part that is yet to be delivered must not be delivered to a user who is gone.
async fn leave_waiting_parts(session: &Session, user: i64) -> Result<()> {
    for row in session.query(WAITING, &[]).await? {
        let mut ids = user_list::decode(row.try_get(2)?);
        let Ok(at) = ids.binary_search(&user) else {
            continue;
        };
        ids.remove(at);
        let (message, part): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        session.execute(PUT_PART, &[&message, &part, &user_list::encode(&ids)]).await?;
        session.execute(ONE_LESS, &[&message]).await?;
    }
    Ok(())
}

/// Removes up to `limit` items of a forgotten user, and with the last of them the user. Receipts
/// keep their counts: what goes is added to the messages' own figures.
pub(super) async fn remove_some(tx: &Tx, now: i64, limit: i64) -> Result<Swept> {
    let session = &tx.session;
    let Some(found) = session.query_opt(FORGOTTEN, &[]).await? else {
        return Ok(Swept::default());
    };
    let user = UserRow {
        id: found.try_get(0)?,
        joined: found.try_get(1)?,
        read_through: found.try_get(2)?,
    };
    let items = remove_items(session, &user, limit).await?;
    if items > 0 {
        return Ok(Swept { items, ..Swept::default() });
    }
    count_broadcasts_read(session, now, &user).await?;
    for sql in REMOVE_REST {
        session.execute(sql, &[&user.id]).await?;
    }
    Ok(Swept { others: 1, ..Swept::default() })
}

async fn remove_items(session: &Session, user: &UserRow, limit: i64) -> Result<u64> {
    let (mut states, mut positions) = (Vec::new(), Vec::new());
    let mut gone: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for row in session.query(ITEMS, &[&user.id, &limit]).await? {
        let item = rows::delivery(&row, 0)?;
        let is_read = read_at(user, &item, row.try_get(5)?).is_some();
        let (delivered, read) = gone.entry(row.try_get(4)?).or_default();
        *delivered += 1;
        *read += i64::from(is_read);
        // As it is in the table, whatever a newer version may have put there.
        states.push(row.try_get::<_, i16>(0)?);
        positions.push(item.position);
    }
    if positions.is_empty() {
        return Ok(0);
    }
    add_gone(session, &gone).await?;
    session.execute(REMOVE_ITEMS, &[&user.id, &states, &positions]).await
}

async fn add_gone(session: &Session, gone: &BTreeMap<i64, (i64, i64)>) -> Result<()> {
    let ids: Vec<i64> = gone.keys().copied().collect();
    let (delivered, read): (Vec<i64>, Vec<i64>) = gone.values().copied().unzip();
    session.execute(ADD_GONE, &[&ids, &delivered, &read]).await.map(|_| ())
}

async fn count_broadcasts_read(session: &Session, now: i64, user: &UserRow) -> Result<()> {
    let mut gone = BTreeMap::new();
    for row in session.query(BROADCASTS, &[&user.id, &now]).await? {
        let (position, until) = (row.try_get(0)?, row.try_get(1)?);
        let own = match row.try_get::<_, Option<i16>>(5)? {
            Some(state) => {
                let (state, at) = (rows::state(state), row.try_get(6)?);
                seen(position, state, at, until, row.try_get(2)?)
            }
            None => Row::new(position, until),
        };
        let is_eligible = is_eligible(row.try_get(4)?, row.try_get(3)?, user.joined);
        if is_eligible && read_at(user, &own, row.try_get(7)?).is_some() {
            gone.insert(position, (0, 1));
        }
    }
    if gone.is_empty() { Ok(()) } else { add_gone(session, &gone).await }
}

/// All that is kept of one user, in a snapshot.
pub(super) async fn export(
    session: &Session,
    readers: &Readers,
    now: i64,
    user: &UserId,
) -> Result<Export> {
    let view = readers.load_view(session).await?;
    let everything = usize::try_from(i32::MAX).unwrap_or(usize::MAX);
    let ask = Ask { now, user, view: View::Archive, below: i64::MAX, at_most: everything };
    let mut kept: Vec<(Row, Body, Option<i64>)> = Vec::new();
    let mut reader =
        crate::store::user_view::UserView { user: UserRow::default(), seen: Vec::new() };
    // The view is of this very snapshot, so there is an answer.
    if let Some(answer) = paging::ask(session, &view, ask).await? {
        reader = answer.user;
        kept.extend(answer.items.into_iter().map(|item| (item.row, item.body, item.marked)));
    }
    for row in session.query(DISMISSED, &[&reader.user.id, &now]).await? {
        kept.push((rows::delivery(&row, 0)?, super::messages::body(&row, 4)?, None));
    }
    let live = view.broadcasts.iter().filter(|b| b.body.is_live(now) && reader.is_eligible(b));
    let everyone: Vec<(Row, Body)> = live.map(|b| (reader.row(b), b.body.clone())).collect();
    let broadcast_rows: Vec<Row> = everyone.iter().map(|(row, _)| *row).collect();
    let marks: BTreeMap<i64, i64> =
        rows::marked(session, &reader.user, &broadcast_rows).await?.into_iter().collect();
    let everyone = everyone.into_iter().map(|(row, body)| {
        let marked = marks.get(&row.position).copied();
        (row, body, marked)
    });
    kept.extend(everyone);
    kept.sort_unstable_by_key(|(row, ..)| std::cmp::Reverse(row.position));
    let items = kept
        .into_iter()
        .map(|(row, body, marked)| {
            let read_at = read_at(&reader.user, &row, marked);
            let dismissed = row.state == State::Dismissed;
            ExportedItem { item: reader.item(now, &row, body, read_at), dismissed }
        })
        .collect();
    Ok(Export {
        user: user.clone(),
        joined: reader.user.joined.map(from_millis),
        items,
        tokens_ended_at: tokens_ended_at(session, user).await?.map(from_millis),
        outbox: relaying::texts_of(session, user).await?,
    })
}

/// When the user's tokens were last ended.
pub(super) async fn tokens_ended_at(session: &Session, user: &UserId) -> Result<Option<i64>> {
    let row = session.query_opt(TOKENS_ENDED_AT, &[&user.as_str()]).await?;
    row.map(|row| row.try_get(0)).transpose()
}

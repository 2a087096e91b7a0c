//! Putting messages in: short lists and broadcasts, many at once, and long lists part by part.

use std::marker::PhantomData;
use std::sync::Arc;

use super::rows::{self, New};
use super::session::{Session, get};
use super::sql::{LONGEST, Rows, Sql, Value};
use super::tx::Tx;
use super::{Result, keys, messages};
use crate::clock::to_millis;
use crate::store::group::{Audience, Wanted};
use crate::store::{Delivered, Sent, user_list};
use crate::{Error, ItemId, MessageId, UserId};

const PUT_MESSAGES: &str = "
    INSERT INTO restante_messages(id, sender, level, text, tags, url, data, sent_at, inbox_until,
                                  expires_at, total, recipients) VALUES";
const PUT_BROADCASTS: &str = "
    INSERT INTO restante_broadcasts(position, until, expires_at, sent_at, newcomers) VALUES";
const PUT_PARTS: &str = "INSERT INTO restante_parts(message, part, users) VALUES";
pub(super) const HAS_WAITING: &str = "SELECT 1 FROM restante_parts WHERE position IS NULL LIMIT 1";
const NEXT_PART: &str = "
    SELECT p.message, p.part, p.users, m.inbox_until
    FROM restante_parts p JOIN restante_messages m ON m.id = p.message
    WHERE p.position IS NULL ORDER BY p.message, p.part LIMIT 1";
const DELIVER_PART: &str = "UPDATE restante_parts SET position = ? WHERE message = ? AND part = ?";
const NAMES: &str = "SELECT `key` FROM restante_users WHERE id IN (?) AND `key` IS NOT NULL";

/// Sends messages in this order, each unless it was sent before. One that is refused writes nothing.
pub(super) async fn send_all(
    tx: &Tx,
    wanted: &[Wanted<'_>],
) -> Result<Vec<std::result::Result<Sent, Error>>> {
    let (results, plan) = plan(tx, wanted).await?;
    plan.write(tx).await?;
    Ok(results)
}

/// What is to be written for messages whose positions are taken.
pub(super) struct Plan<'a> {
    statements: Vec<Sql>,
    wanted: PhantomData<&'a ()>,
}

/// Takes positions for messages in this order, but for those that were sent before or are refused.
pub(super) async fn plan<'a>(
    tx: &Tx,
    wanted: &'a [Wanted<'a>],
) -> Result<(Vec<std::result::Result<Sent, Error>>, Plan<'a>)> {
    let asked: Vec<(&str, &str)> = wanted
        .iter()
        .filter_map(|send| Some((send.message.sender(), &*send.message.idempotency()?.key)))
        .collect();
    let mut used = keys::load(&tx.session, &asked).await?;
    let (mut results, mut batch) = (Vec::with_capacity(wanted.len()), Batch::default());
    for send in wanted {
        let (sender, idempotency) = (send.message.sender(), send.message.idempotency());
        let earlier = idempotency.and_then(|asked| used.earlier(send.now, sender, asked));
        if let Some(mut earlier) = earlier {
            if let Ok(sent) = &mut earlier {
                sent.waiting = keys::waiting(&tx.session, sent.id.value()).await?;
            }
            results.push(earlier);
            continue;
        }
        let sent = batch.add(tx, send);
        if let Some(asked) = idempotency {
            used.put(send.now, sender, asked, sent);
        }
        tx.count(send.now, |day| day.sent += 1);
        results.push(Ok(sent));
    }
    let mut statements = batch.statements();
    statements.extend(rows::deliveries(&batch.items));
    statements.extend(keys::put(&mut used));
    Ok((results, Plan { statements, wanted: PhantomData }))
}

impl Plan<'_> {
    pub(super) async fn write(&self, tx: &Tx) -> Result<()> {
        for statement in &self.statements {
            tx.session.execute_all(statement).await?;
        }
        Ok(())
    }

    /// Whether it is short enough to be sent together.
    pub(super) fn is_short(&self) -> bool {
        self.statements.iter().map(Sql::len).sum::<usize>() <= LONGEST
    }

    /// Writes and commits in one round trip. On a lost connection nobody knows whether it was done.
    pub(super) async fn write_and_commit(&mut self, tx: &Tx) -> Result<()> {
        let statements = rows::in_turn(std::mem::take(&mut self.statements).into_iter());
        tx.commit_after(statements).await
    }
}

/// Rows that are yet to be written.
#[derive(Default)]
struct Batch<'a> {
    messages: Vec<Accepted<'a>>,
    items: Vec<New>,
}

struct Accepted<'a> {
    wanted: &'a Wanted<'a>,
    id: i64,
    total: i64,
    recipients: Option<Vec<u8>>,
}

impl<'a> Batch<'a> {
    fn add(&mut self, tx: &Tx, wanted: &'a Wanted<'a>) -> Sent {
        let position = tx.position(wanted.now);
        let (mut id, mut total, mut waiting, mut recipients) = (position, 0, 0, None);
        match &wanted.audience {
            Audience::Everyone { .. } => {
                id = position | 1;
                tx.change_shared_view();
            }
            Audience::Few(list) => {
                let mut ids = list.clone();
                ids.sort_unstable();
                let until = to_millis(wanted.message.inbox_until());
                let item = |&user| New { user, position, message: None, until };
                self.items.extend(ids.iter().map(item));
                recipients = Some(user_list::encode(&ids));
                total = ids.len();
            }
            Audience::Many { ids, .. } => (total, waiting) = (ids.len(), ids.len()),
        }
        let count = i64::try_from(total).unwrap_or(i64::MAX);
        self.messages.push(Accepted { wanted, id, total: count, recipients });
        Sent {
            id: MessageId::new(id),
            recipients: total as u64,
            repeated: false,
            waiting: waiting as u64,
        }
    }

    /// All but the items.
    fn statements(&self) -> Vec<Sql> {
        let mut rows = Rows::default();
        for accepted in &self.messages {
            let (message, now) = (accepted.wanted.message, accepted.wanted.now);
            let (until, expires_at) =
                (to_millis(message.inbox_until()), to_millis(message.expires_at()));
            let said = message.message();
            let values = [
                accepted.id.into(),
                Value::Bytes(message.sender().as_bytes()),
                i64::from(said.level().value()).into(),
                Value::Text(said.text()),
                Value::Text(said.extra_tags()),
                said.link().map_or(Value::Null, Value::Text),
                said.raw_data().map_or(Value::Null, |data| Value::Text(data.get())),
                now.into(),
                until.into(),
                expires_at.into(),
                accepted.total.into(),
                accepted.recipients.as_deref().map_or(Value::Null, Value::Bytes),
            ];
            rows.add(PUT_MESSAGES, &values);
        }
        for accepted in &self.messages {
            let message = accepted.wanted.message;
            let (until, expires_at) =
                (to_millis(message.inbox_until()), to_millis(message.expires_at()));
            match &accepted.wanted.audience {
                Audience::Everyone { newcomers } => {
                    let now = accepted.wanted.now;
                    let values = [
                        accepted.id.into(),
                        until.into(),
                        expires_at.into(),
                        now.into(),
                        (*newcomers).into(),
                    ];
                    rows.add(PUT_BROADCASTS, &values);
                }
                // Who waits, in which part. These rows are also how the items are found when the
                // message is retracted or swept.
                Audience::Many { ids, part_size } => {
                    for (part, ids) in (0_i64..).zip(ids.chunks(*part_size)) {
                        let users = user_list::encode(ids);
                        let values = [accepted.id.into(), part.into(), Value::Bytes(&users)];
                        rows.add(PUT_PARTS, &values);
                    }
                }
                Audience::Few(_) => {}
            }
        }
        rows.into_statements()
    }
}

/// Delivers the next waiting part of a long list.
pub(super) async fn deliver(tx: &Tx, now: i64, name_users: bool) -> Result<Option<Delivered>> {
    let session = &tx.session;
    let Some(next) = session.row(NEXT_PART, &[]).await? else {
        return Ok(None);
    };
    let (message, part): (i64, i64) = (get(&next, 0)?, get(&next, 1)?);
    let ids = user_list::decode(&get::<Vec<u8>>(&next, 2)?);
    let until = get(&next, 3)?;
    let position = tx.position(now);
    session.execute(DELIVER_PART, &[position.into(), message.into(), part.into()]).await?;
    let item = |&user| New { user, position, message: Some(message), until };
    let items: Vec<New> = ids.iter().map(item).collect();
    rows::deliver(session, &items).await?;
    let body = messages::find_body(session, message).await?;
    let users = if name_users { names(session, &ids).await? } else { Vec::new() };
    Ok(body.map(|body| Delivered {
        id: MessageId::new(message),
        position: ItemId::new(position),
        message: Arc::clone(&body.message),
        delivered: ids.len() as u64,
        users,
    }))
}

/// The users behind internal ids, without those forgotten since, sorted.
pub(super) async fn names(session: &Session, ids: &[i64]) -> Result<Vec<UserId>> {
    let mut names = Vec::with_capacity(ids.len());
    for row in session.rows(NAMES, &[Value::Numbers(ids)]).await? {
        // A key in the table has been checked when it was put there.
        names.extend(UserId::new(get::<String>(&row, 0)?).ok());
    }
    names.sort_unstable();
    Ok(names)
}

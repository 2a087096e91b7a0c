//! Putting messages in: short lists and broadcasts, many at once, and long lists part by part.

use std::sync::Arc;

use super::Result;
use super::keys;
use super::messages;
use super::session::{Parameters, Session};
use super::tx::Tx;
use crate::clock::to_millis;
use crate::store::group::{Audience, Transaction, UsedKeys, Wanted};
use crate::store::{Delivered, NewMessage, Sent, user_list};
use crate::{Error, ItemId, Message, MessageId, UserId};

const PUT_MESSAGES: &str = "
    INSERT INTO restante_messages(id, sender, level, text, tags, url, data, sent_at, inbox_until,
                                  expires_at, total, recipients)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::text[],
                         $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[],
                         $11::bigint[], $12::bytea[])";
const PUT_DELIVERIES: &str = "
    INSERT INTO restante_deliveries(user_id, state, position, until)
    SELECT user_id, 1, position, until
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) new(user_id, position, until)";
const PUT_BROADCASTS: &str = "
    INSERT INTO restante_broadcasts(position, until, expires_at, sent_at, newcomers)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])";
const PUT_PARTS: &str = "
    INSERT INTO restante_parts(message, part, users)
    SELECT $1, part - 1, users FROM unnest($2::bytea[]) WITH ORDINALITY new(users, part)";
const NEXT_PART: &str = "
    SELECT p.message, p.part, p.users, m.inbox_until, c.forgotten
    FROM restante_clock c, restante_parts p JOIN restante_messages m ON m.id = p.message
    WHERE p.position IS NULL ORDER BY p.message, p.part LIMIT 1";
/// To nobody, if somebody else has delivered the part or retracted its message.
const DELIVER_PART: &str = "
    WITH taken AS (
        UPDATE restante_parts SET position = $3
        WHERE message = $1 AND part = $2 AND position IS NULL RETURNING message)
    INSERT INTO restante_deliveries(user_id, state, position, message, until)
    SELECT new.user_id, 1, $3, taken.message, $4
    FROM taken, unnest($5::bigint[]) new(user_id)";
const NAMES: &str = "SELECT key FROM restante_users WHERE id = ANY ($1) AND key IS NOT NULL";

/// Sends messages in this order, each unless it was sent before. One that is refused writes nothing.
pub(super) async fn send_all(
    tx: &Tx,
    wanted: &[Wanted<'_>],
) -> Result<Vec<std::result::Result<Sent, Error>>> {
    let (results, mut plan) = plan(tx, wanted).await?;
    plan.write(tx).await?;
    Ok(results)
}

/// What is to be written for messages whose positions are taken.
pub(super) struct Plan<'a> {
    batch: Batch<'a>,
    keys: UsedKeys,
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
    Ok((results, Plan { batch, keys: used }))
}

impl Plan<'_> {
    pub(super) async fn write(&mut self, tx: &Tx) -> Result<()> {
        let Self { batch, keys } = self;
        // Each on its own table: they wait for one round trip together.
        tokio::try_join!(
            batch.write_messages(&tx.session),
            batch.write_deliveries(&tx.session),
            batch.write_broadcasts(tx),
            batch.write_parts(&tx.session),
            keys::write(&tx.session, keys),
        )
        .map(|_| ())
    }

    /// Whether each table takes one statement at most, so that all can be sent with the commit.
    pub(super) fn is_simple(&self, tx: &Tx) -> bool {
        let is_few = |accepted: &Accepted<'_>| matches!(accepted.wanted.audience, Audience::Few(_));
        tx.is_of_one_day() && self.batch.messages.iter().all(is_few)
    }

    /// Writes and commits in one round trip. If a statement fails, the server takes the commit for
    /// a rollback. On a lost connection nobody knows whether it was done.
    pub(super) async fn write_and_commit(&mut self, tx: &Tx) -> Result<()> {
        // What is not prepared yet would be sent too late.
        for sql in [PUT_MESSAGES, PUT_DELIVERIES, keys::PUT] {
            tx.session.statement(sql).await?;
        }
        tx.prepare_end().await?;
        let Self { batch, keys } = self;
        // In this order, the commit last.
        tokio::try_join!(
            biased;
            batch.write_messages(&tx.session),
            batch.write_deliveries(&tx.session),
            keys::write(&tx.session, keys),
            tx.commit(),
        )
        .map(|_| ())
    }
}

/// Rows that are yet to be written, by column.
#[derive(Default)]
struct Batch<'a> {
    messages: Vec<Accepted<'a>>,
    delivered_to: Vec<i64>,
    delivered_at: Vec<i64>,
    delivered_until: Vec<i64>,
}

struct Accepted<'a> {
    wanted: &'a Wanted<'a>,
    id: i64,
    total: i64,
    recipients: Option<Vec<u8>>,
}

impl<'a> Accepted<'a> {
    fn said(&self) -> &'a Message {
        self.wanted.message.message()
    }
}

impl<'a> Batch<'a> {
    fn add(&mut self, tx: &Tx, wanted: &'a Wanted<'a>) -> Sent {
        let position = tx.position(wanted.now);
        let (mut id, mut total, mut waiting, mut recipients) = (position, 0, 0, None);
        match &wanted.audience {
            Audience::Everyone { .. } => id = position | 1,
            Audience::Few(list) => {
                let mut ids = list.clone();
                ids.sort_unstable();
                let until = to_millis(wanted.message.inbox_until());
                self.delivered_at.resize(self.delivered_at.len() + ids.len(), id);
                self.delivered_until.resize(self.delivered_until.len() + ids.len(), until);
                self.delivered_to.extend(&ids);
                recipients = Some(user_list::encode(&ids));
                total = ids.len();
            }
            Audience::Many { ids, .. } => (total, waiting) = (ids.len(), ids.len()),
        }
        if waiting == 0 {
            tx.hint(|hints| hints.sent(id));
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

    fn column<'s, T>(&'s self, value: impl FnMut(&'s Accepted<'a>) -> T) -> Vec<T> {
        self.messages.iter().map(value).collect()
    }

    async fn write_messages(&self, session: &Session) -> Result<()> {
        if self.messages.is_empty() {
            return Ok(());
        }
        let values: Parameters<'_> = &[
            &self.column(|accepted| accepted.id),
            &self.column(|accepted| accepted.wanted.message.sender()),
            &self.column(|accepted| accepted.said().level().value()),
            &self.column(|accepted| accepted.said().text()),
            &self.column(|accepted| accepted.said().extra_tags()),
            &self.column(|accepted| accepted.said().link()),
            &self.column(|a| a.said().raw_data().map(serde_json::value::RawValue::get)),
            &self.column(|accepted| accepted.wanted.now),
            &self.column(|accepted| to_millis(accepted.wanted.message.inbox_until())),
            &self.column(|accepted| to_millis(accepted.wanted.message.expires_at())),
            &self.column(|accepted| accepted.total),
            &self.column(|accepted| accepted.recipients.as_deref()),
        ];
        session.execute(PUT_MESSAGES, values).await.map(|_| ())
    }

    async fn write_deliveries(&self, session: &Session) -> Result<()> {
        if self.delivered_to.is_empty() {
            return Ok(());
        }
        let values: Parameters<'_> =
            &[&self.delivered_to, &self.delivered_at, &self.delivered_until];
        session.execute(PUT_DELIVERIES, values).await.map(|_| ())
    }

    async fn write_broadcasts(&self, tx: &Tx) -> Result<()> {
        let broadcasts: Vec<(&Accepted<'_>, bool)> = self
            .messages
            .iter()
            .filter_map(|accepted| match accepted.wanted.audience {
                Audience::Everyone { newcomers } => Some((accepted, newcomers)),
                Audience::Few(_) | Audience::Many { .. } => None,
            })
            .collect();
        if broadcasts.is_empty() {
            return Ok(());
        }
        let times = |time: fn(&NewMessage) -> i64| -> Vec<i64> {
            broadcasts.iter().map(|(accepted, _)| time(accepted.wanted.message)).collect()
        };
        let ids: Vec<i64> = broadcasts.iter().map(|(accepted, _)| accepted.id).collect();
        let sent_at: Vec<i64> =
            broadcasts.iter().map(|(accepted, _)| accepted.wanted.now).collect();
        let newcomers: Vec<bool> = broadcasts.iter().map(|(_, newcomers)| *newcomers).collect();
        let until = times(|message| to_millis(message.inbox_until()));
        let expires_at = times(|message| to_millis(message.expires_at()));
        let values: Parameters<'_> = &[&ids, &until, &expires_at, &sent_at, &newcomers];
        tx.session.execute(PUT_BROADCASTS, values).await?;
        tx.change_shared_view().await
    }

    /// Records long lists: who waits, in which part. These rows are also how the items are found
    /// when the message is retracted or swept.
    async fn write_parts(&self, session: &Session) -> Result<()> {
        for accepted in &self.messages {
            if let Audience::Many { ids, part_size } = &accepted.wanted.audience {
                let parts: Vec<Vec<u8>> = ids.chunks(*part_size).map(user_list::encode).collect();
                session.execute(PUT_PARTS, &[&accepted.id, &parts]).await?;
            }
        }
        Ok(())
    }
}

/// A part of a long list that waits to be delivered.
#[derive(Clone, Debug)]
pub(super) struct Part {
    message: i64,
    number: i64,
    ids: Arc<Vec<i64>>,
    until: i64,
    /// How many users had been forgotten: those are taken out of the parts that wait.
    forgotten: i64,
}

/// The next one.
pub(super) async fn next_part(session: &Session) -> Result<Option<Part>> {
    let Some(next) = session.query_opt(NEXT_PART, &[]).await? else {
        return Ok(None);
    };
    Ok(Some(Part {
        message: next.try_get(0)?,
        number: next.try_get(1)?,
        ids: Arc::new(user_list::decode(next.try_get(2)?)),
        until: next.try_get(3)?,
        forgotten: next.try_get(4)?,
    }))
}

/// Delivers a part that was waiting before the clock was taken, or if it is not any more, the next
/// one that is.
pub(super) async fn deliver(
    tx: &Tx,
    now: i64,
    part: Part,
    name_users: bool,
) -> Result<Option<Delivered>> {
    if part.forgotten == tx.forgotten()
        && let Some(delivered) = deliver_part(tx, now, &part, name_users).await?
    {
        return Ok(Some(delivered));
    }
    match next_part(&tx.session).await? {
        Some(part) => deliver_part(tx, now, &part, name_users).await,
        None => Ok(None),
    }
}

async fn deliver_part(
    tx: &Tx,
    now: i64,
    part: &Part,
    name_users: bool,
) -> Result<Option<Delivered>> {
    let session = &tx.session;
    let Part { message, number, ids, until, .. } = part;
    let position = tx.position(now);
    let names = async { if name_users { names(session, ids).await } else { Ok(Vec::new()) } };
    let values: Parameters<'_> = &[message, number, &position, until, &**ids];
    let (delivered, body, users) = tokio::try_join!(
        session.execute(DELIVER_PART, values),
        messages::find_body(session, *message),
        names,
    )?;
    // A part whose users were all forgotten is done, too.
    if delivered == 0 && !ids.is_empty() {
        return Ok(None);
    }
    tx.hint(|hints| hints.sent(position));
    Ok(body.map(|body| Delivered {
        id: MessageId::new(*message),
        position: ItemId::new(position),
        message: Arc::clone(&body.message),
        delivered,
        users,
    }))
}

/// The users behind internal ids, without those forgotten since, sorted.
pub(super) async fn names(session: &Session, ids: &[i64]) -> Result<Vec<UserId>> {
    let mut names = Vec::with_capacity(ids.len());
    for row in session.query(NAMES, &[&ids]).await? {
        // A key in the table has been checked when it was put there.
        names.extend(UserId::new(row.try_get::<_, String>(0)?).ok());
    }
    names.sort_unstable();
    Ok(names)
}

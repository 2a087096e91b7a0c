//! Sending: to a short list in one script, to a long one recorded whole and then delivered part by
//! part, to everyone as one row.

use std::sync::Arc;

use redis::Value;

use super::body::{self, Kind};
use super::reply;
use super::script::{DELIVER, SEND};
use super::shards::Shards;
use super::store::{RedisStore, day, with_position};
use crate::store::{Delivered, NewMessage, Sent};
use crate::{Error, ItemId, MessageId, UserId};

/// How much of a long list is staged with one command, in parts.
const STAGED_AT_ONCE: usize = 16;
/// How long what is staged may wait for the message that it belongs to, in seconds.
const STAGED_FOR: usize = 900;

/// A row of the outbox that becomes a message, by its id and its text.
pub(super) type Relays<'a> = Option<(i64, &'a [u8])>;

impl RedisStore {
    pub(super) async fn send_list(
        &self,
        now: i64,
        message: &NewMessage,
        users: &[UserId],
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        if users.len() <= self.part_size {
            return self
                .send_as(now, message, Kind::Short, users.len(), 1, joined(users), relays)
                .await;
        }
        let parts = users.chunks(self.part_size);
        let count = parts.len();
        let staged = self.stage(parts).await?;
        self.send_as(now, message, Kind::Long, users.len(), count, staged, relays).await
    }

    pub(super) async fn send_to_everyone(
        &self,
        now: i64,
        message: &NewMessage,
        newcomers: bool,
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        let kind = Kind::Everyone { newcomers };
        self.send_as(now, message, kind, 0, 0, String::new(), relays).await
    }

    /// Writes the parts of a long list under a name of their own, which ends by itself: the script
    /// that sends has to give them another name only, however long the list is.
    async fn stage(&self, parts: std::slice::Chunks<'_, UserId>) -> Result<String, Error> {
        let name = format!("st:{:032x}", fastrand::u128(..));
        let key = Shards::key(self.shards.first(), &name);
        // The end comes before the users: whoever dies in between leaves a few bytes.
        let mut begin = redis::cmd("HSET");
        begin.arg(&key).arg("next").arg(0);
        self.link.ask(begin).await?;
        let mut end = redis::cmd("EXPIRE");
        end.arg(&key).arg(STAGED_FOR);
        self.link.ask(end.clone()).await?;
        let parts: Vec<_> = parts.enumerate().collect();
        for some in parts.chunks(STAGED_AT_ONCE) {
            let mut stage = redis::cmd("HSET");
            stage.arg(&key);
            for (number, users) in some {
                stage.arg(number).arg(joined(users));
            }
            self.link.ask(stage).await?;
            self.link.ask(end.clone()).await?;
        }
        Ok(key)
    }

    #[expect(clippy::too_many_arguments, reason = "one for each that the script takes")]
    async fn send_as(
        &self,
        now: i64,
        message: &NewMessage,
        kind: Kind,
        total: usize,
        parts: usize,
        users: String,
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        let mut call = SEND.call(&[self.shards.first(), self.shards.outbox()]);
        with_position(&mut call, now);
        call.arg(now).arg(kind.name()).arg(message.sender());
        match message.idempotency() {
            Some(idempotency) => call.arg(&*idempotency.key).arg(&idempotency.hash[..]),
            None => call.arg("").arg(""),
        };
        let (until, expires_at) = body::times(message);
        call.arg(until).arg(expires_at).arg(total).arg(parts).arg(day(now));
        call.arg(body::encode(message.message()));
        match relays {
            Some((id, row)) => call.arg(id).arg(row),
            None => call.arg("").arg(""),
        };
        call.arg(users);
        let repeats = self.link.repeats();
        call.arg(if repeats { format!("{:032x}", fastrand::u128(..)) } else { String::new() });
        call.arg(message.idempotency().map_or(now, |key| key.used_at(now)));
        self.with_origin(&mut call);
        let answer = reply::array(self.link.write(&SEND, call).await?)?;
        match (answer.first().map(reply::bytes), &answer[..]) {
            (Some(b"sent"), [_, id]) => {
                let waiting = if kind == Kind::Long { total as u64 } else { 0 };
                let id = MessageId::new(reply::number(id)?);
                let recipients = total as u64;
                Ok(Some(Sent { id, recipients, repeated: false, waiting }))
            }
            (Some(b"repeated"), [_, id, total, waiting]) => Ok(Some(Sent {
                id: MessageId::new(reply::number(id)?),
                recipients: reply::count(total)?,
                repeated: true,
                waiting: reply::count(waiting)?,
            })),
            (Some(b"conflict"), _) => {
                Err(Error::conflict("was used for another message within 24 hours"))
            }
            // Somebody else relayed the row.
            _ => Ok(None),
        }
    }

    pub(super) async fn deliver_part(
        &self,
        now: i64,
        name_users: bool,
    ) -> Result<Option<Delivered>, Error> {
        let mut call = DELIVER.call(&[self.shards.first()]);
        with_position(&mut call, now);
        call.arg(u8::from(name_users));
        self.with_origin(&mut call);
        let answer = self.link.write(&DELIVER, call).await?;
        if matches!(answer, Value::Nil) {
            return Ok(None);
        }
        let [id, position, body, delivered, users] = reply::members(answer)?;
        Ok(Some(Delivered {
            id: MessageId::new(reply::number(&id)?),
            position: ItemId::new(reply::number(&position)?),
            message: Arc::clone(&body::decode(reply::bytes(&body))?.message),
            delivered: reply::count(&delivered)?,
            users: split(&reply::text(users)?)?,
        }))
    }
}

/// Users as they are kept: none has a newline.
fn joined(users: &[UserId]) -> String {
    let names: Vec<_> = users.iter().map(UserId::as_str).collect();
    names.join("\n")
}

/// The inverse.
pub(super) fn split(users: &str) -> Result<Vec<UserId>, Error> {
    users.split('\n').filter(|user| !user.is_empty()).map(UserId::new).collect()
}

//! Sending within one shard: to a short list in one script, to a long one recorded whole and then
//! delivered part by part, to everyone as one row.

use std::sync::Arc;

use redis::Value;

use super::NAME;
use super::body::{self, Kind};
use super::reply;
use super::script::{DELIVER, SEND};
use super::shards::Shards;
use super::store::{RedisStore, day};
use crate::store::{Delivered, NewMessage, Sent};
use crate::{Error, ItemId, MessageId, UserId};

/// How much of a long list is staged with one command, in parts.
pub(super) const STAGED_AT_ONCE: usize = 16;
/// How long what is staged may wait for the message that it belongs to, in seconds.
const STAGED_FOR: usize = 900;

/// A row of the outbox that becomes a message, by its id and its text.
pub(super) type Relays<'a> = Option<(i64, &'a [u8])>;

/// To whom a message goes, as the script is told.
pub(super) struct To {
    pub(super) shard: usize,
    pub(super) kind: Kind,
    pub(super) total: usize,
    pub(super) parts: usize,
    /// The users, or where they are staged.
    pub(super) users: String,
    /// How many fields are staged.
    pub(super) fields: usize,
    /// A name of this request; see [`Link::repeats`](super::connection::Link::repeats).
    pub(super) name: String,
}

impl To {
    /// Everyone, and what others begin with.
    pub(super) fn new(shard: usize, kind: Kind) -> Self {
        let name = format!("{:032x}", fastrand::u128(..));
        Self { shard, kind, total: 0, parts: 0, users: String::new(), fields: 0, name }
    }

    /// A short list of users of one shard.
    pub(super) fn short(shard: usize, users: &[UserId]) -> Self {
        let total = users.len();
        Self { total, parts: 1, users: joined(users), ..Self::new(shard, Kind::Short) }
    }
}

impl RedisStore {
    pub(super) async fn send_list(
        &self,
        now: i64,
        message: &NewMessage,
        users: &[UserId],
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        if self.shards.are_several() {
            return self.send_over_shards(now, message, users, relays).await;
        }
        if users.len() <= self.part_size {
            return self.send_as(now, message, To::short(0, users), relays).await;
        }
        let staged = self.begin_staging().await?;
        let mut parts = 0;
        for some in users.chunks(self.part_size * STAGED_AT_ONCE) {
            let mut fields = Vec::with_capacity(STAGED_AT_ONCE);
            for users in some.chunks(self.part_size) {
                fields.push((parts.to_string(), joined(users)));
                parts += 1;
            }
            self.stage(&staged, fields).await?;
        }
        let (total, fields) = (users.len(), parts + 1);
        let to = To { total, parts, users: staged, fields, ..To::new(0, Kind::Long) };
        self.send_as(now, message, to, relays).await
    }

    pub(super) async fn send_to_everyone(
        &self,
        now: i64,
        message: &NewMessage,
        newcomers: bool,
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        let shard = self.shards.first_number();
        let to = To::new(shard, Kind::Everyone { newcomers });
        if !self.shards.are_several() {
            return self.send_as(now, message, to, relays).await;
        }
        self.claim(now, message, shard).await?;
        let sent = self.send_as(now, message, to, relays).await?;
        if let Some(sent) = sent.filter(|sent| !sent.repeated) {
            let id = sent.id.value();
            self.spread_soon(format!("s {id} {id}")).await;
        }
        Ok(sent)
    }

    /// Begins to write the parts of a long list under a name of their own, which ends by itself: the
    /// script that sends has to give them another name only, however long the list is.
    pub(super) async fn begin_staging(&self) -> Result<String, Error> {
        let name = format!("st:{:032x}", fastrand::u128(..));
        let key = Shards::key(self.shards.first(), &name);
        // The end comes before the users: whoever dies in between leaves a few bytes.
        let mut begin = redis::cmd("HSET");
        begin.arg(&key).arg("next").arg(0);
        self.link.ask(begin).await?;
        self.stage(&key, Vec::new()).await?;
        Ok(key)
    }

    /// Writes some of them.
    pub(super) async fn stage(
        &self,
        key: &str,
        fields: Vec<(String, String)>,
    ) -> Result<(), Error> {
        if !fields.is_empty() {
            let mut stage = redis::cmd("HSET");
            stage.arg(key);
            for (field, users) in fields {
                stage.arg(field).arg(users);
            }
            self.link.ask(stage).await?;
        }
        let mut end = redis::cmd("EXPIRE");
        end.arg(key).arg(STAGED_FOR);
        self.link.ask(end).await.map(|_| ())
    }

    pub(super) async fn send_as(
        &self,
        now: i64,
        message: &NewMessage,
        to: To,
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        let To { shard, kind, total, parts, users, fields, name } = to;
        let clock = self.shards.clock(shard);
        // Of another slot than the outbox's no key may be named.
        let keys = [clock, self.shards.outbox()];
        let keys = if shard == self.shards.first_number() { &keys[..] } else { &keys[..1] };
        let mut call = SEND.call(keys);
        self.with_position(&mut call, now, shard);
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
        call.arg(if self.link.repeats() { name } else { String::new() });
        call.arg(message.idempotency().map_or(now, |key| key.used_at(now))).arg(fields);
        self.with_origin(&mut call);
        let answer = reply::array(self.link.write(&SEND, call).await?)?;
        let recipients = total as u64;
        match (answer.first().map(reply::bytes), &answer[..]) {
            (Some(b"sent"), [_, id]) => {
                let id = reply::number(id)?;
                self.saw(id);
                let is_delivered = matches!(kind, Kind::Short | Kind::Everyone { .. });
                let waiting = if is_delivered { 0 } else { recipients };
                Ok(Some(Sent { id: MessageId::new(id), recipients, repeated: false, waiting }))
            }
            (Some(b"repeated"), [_, id, total, waiting]) => Ok(Some(Sent {
                id: MessageId::new(reply::number(id)?),
                recipients: reply::count(total)?,
                repeated: true,
                waiting: reply::count(waiting)?,
            })),
            (Some(b"conflict"), _) => Err(used_for_another()),
            (Some(b"unstaged"), _) => {
                Err(Error::transient(NAME, "the list took too long to be written; try again"))
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
        self.with_position(&mut call, now, 0);
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

pub(super) fn used_for_another() -> Error {
    Error::conflict("was used for another message within 24 hours")
}

/// Users as they are kept: none has a newline.
pub(super) fn joined(users: &[UserId]) -> String {
    let names: Vec<_> = users.iter().map(UserId::as_str).collect();
    names.join("\n")
}

/// The inverse.
pub(super) fn split(users: &str) -> Result<Vec<UserId>, Error> {
    users.split('\n').filter(|user| !user.is_empty()).map(UserId::new).collect()
}

//! Sending where users are divided over shards.
//!
//! What goes to users of one shard is sent whole in it. What goes to several is recorded whole in the
//! first and handed over from there (`handing_over`), so that a crash in between loses nothing.

use std::collections::BTreeMap;

use super::body::Kind;
use super::handing_over::{Group, Part};
use super::reply;
use super::script::{CLAIM, POP};
use super::sending::{Relays, STAGED_AT_ONCE, To, joined, used_for_another};
use super::store::RedisStore;
use crate::store::{NewMessage, Sent};
use crate::{Error, UserId};

/// Between what the script takes apart: no user's id has it.
const BAR: &str = "\u{1e}";

impl RedisStore {
    pub(super) async fn send_over_shards(
        &self,
        now: i64,
        message: &NewMessage,
        users: &[UserId],
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        let first = self.shards.first_number();
        let together = self.shard_of_all(users);
        // A row leaves the outbox in the script that records its message; one with a key may be sent
        // before it leaves, since it is not sent twice.
        let (inside, after) = match message.idempotency() {
            None => (relays, None),
            Some(_) => (None, relays),
        };
        if after.is_some() {
            self.hand_over_waiting(now).await?;
        }
        let fits = users.len() <= self.part_size;
        let whole_in = together.filter(|_| fits && inside.is_none());
        let home = self.claim(now, message, whole_in.unwrap_or(first)).await?;
        let is_whole = together == Some(home) && inside.is_none();
        let sent = if is_whole {
            self.send_as(now, message, To::short(home, users), None).await?
        } else if fits {
            self.send_short(now, message, users, inside).await?
        } else {
            self.send_long(now, message, users, inside).await?
        };
        let (Some(sent), Some((id, row))) = (sent, after) else { return Ok(sent) };
        let mut call = POP.call(&[self.shards.first(), self.shards.outbox()]);
        call.arg(id).arg(row);
        let is_popped = reply::number(&self.link.write(&POP, call).await?)? == 1;
        // Whoever sent it tells of it, also when another process was faster to take the row out.
        Ok((is_popped || !sent.repeated).then_some(sent))
    }

    /// The shard in which a key's message is sent: this one, unless it was another before.
    pub(super) async fn claim(
        &self,
        now: i64,
        message: &NewMessage,
        shard: usize,
    ) -> Result<usize, Error> {
        let Some(key) = message.idempotency() else { return Ok(shard) };
        let name = format!("{}\u{1f}{}", message.sender(), key.key);
        let mut call = CLAIM.call(&[self.shards.clock(self.shards.of_name(name.as_bytes()))]);
        call.arg(name).arg(&key.hash[..]).arg(shard).arg(now).arg(key.used_at(now));
        match self.link.write(&CLAIM, call).await? {
            redis::Value::Nil => Err(used_for_another()),
            shard => self.shards.numbered(&shard),
        }
    }

    fn shard_of_all(&self, users: &[UserId]) -> Option<usize> {
        let (first, others) = users.split_first()?;
        let shard = self.shards.of(first);
        others.iter().all(|user| self.shards.of(user) == shard).then_some(shard)
    }

    async fn send_short(
        &self,
        now: i64,
        message: &NewMessage,
        users: &[UserId],
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        let groups = self.groups(users);
        let to = self.divided(users.len(), &groups);
        let name = to.name.clone();
        let Some(sent) = self.send_as(now, message, to, relays).await? else { return Ok(None) };
        if sent.repeated {
            return Ok(Some(sent));
        }
        let is_done = if relays.is_some() {
            // Another process may be about to hand over what its rows, older ones, became.
            self.hand_over_up_to(now, sent.id.value()).await
        } else {
            let groups = groups.into_iter().map(|(shard, users)| Group { shard, users }).collect();
            self.hand_over_soon(now, Part::first_of(now, sent.id.value(), name, message, groups))
                .await
        };
        Ok(Some(Sent { waiting: if is_done { 0 } else { sent.recipients }, ..sent }))
    }

    /// A short list over several shards, as the script is told.
    pub(super) fn divided(&self, total: usize, groups: &BTreeMap<usize, String>) -> To {
        let named = groups.iter().map(|(shard, users)| format!("{shard}{BAR}{users}"));
        let users = named.collect::<Vec<_>>().join(BAR);
        To { total, parts: 1, users, ..To::new(self.shards.first_number(), Kind::Divided) }
    }

    async fn send_long(
        &self,
        now: i64,
        message: &NewMessage,
        users: &[UserId],
        relays: Relays<'_>,
    ) -> Result<Option<Sent>, Error> {
        // Users of one shard come together, so that a part concerns few shards.
        let mut users = users.to_vec();
        users.sort_by_cached_key(|user| self.shards.of(user));
        let staged = self.begin_staging().await?;
        let (mut parts, mut staged_fields) = (0, 1);
        for some in users.chunks(self.part_size * STAGED_AT_ONCE) {
            let mut fields = Vec::new();
            for users in some.chunks(self.part_size) {
                let groups = self.groups(users);
                let shards: Vec<_> = groups.keys().map(usize::to_string).collect();
                fields.push((format!("g{parts}"), shards.join(",")));
                for (shard, users) in groups {
                    fields.push((format!("{parts}:{shard}"), users));
                }
                parts += 1;
            }
            staged_fields += fields.len();
            self.stage(&staged, fields).await?;
        }
        let (total, fields) = (users.len(), staged_fields);
        let to = To::new(self.shards.first_number(), Kind::LongDivided);
        self.send_as(now, message, To { total, parts, users: staged, fields, ..to }, relays).await
    }

    /// The users of each shard, as they are kept.
    pub(super) fn groups(&self, users: &[UserId]) -> BTreeMap<usize, String> {
        let mut groups = BTreeMap::<usize, Vec<UserId>>::new();
        for user in users {
            groups.entry(self.shards.of(user)).or_default().push(user.clone());
        }
        groups.into_iter().map(|(shard, users)| (shard, joined(&users))).collect()
    }
}

//! Handing a recorded list over to the shards of its users, part by part.
//!
//! Each shard takes its share in one script and says the same when it is asked again; the first shard
//! is told when all have theirs. So it does not matter who goes on after a crash, or whether two do.
//!
//! All shares have the part's position, unless one of their users got something newer on the way
//! there: then that share has one of its own, above it, or a watermark could cover what nobody saw.

use std::sync::Arc;

use futures_util::future::try_join_all;
use redis::Value;

use super::body;
use super::reply;
use super::script::{ACCEPT, NEXT_PART, PART_DONE};
use super::sending::split;
use super::shards::Shards;
use super::store::RedisStore;
use crate::store::{Delivered, NewMessage};
use crate::{Error, ItemId, Message, MessageId};

/// How long a shard knows that it had a share, in seconds, beyond the message's own time.
const REMEMBERED: i64 = 86_400;
/// The longest time that a server is asked to remember anything.
const LONGEST: i64 = 10_000_000_000;

/// Who tells what this process has to hear too.
const EVERYBODY: u64 = 0;

/// One shard's share of a part.
pub(super) struct Group {
    pub(super) shard: usize,
    /// As they are kept.
    pub(super) users: String,
}

/// A part of a list, as its shards are told.
pub(super) struct Part {
    id: i64,
    /// What tells it from a list that had this id in the memory of a master that is lost.
    name: String,
    number: i64,
    position: i64,
    /// How often somebody was forgotten who waited in this list.
    changed: i64,
    sender: String,
    leaves: i64,
    expires: i64,
    sent_at: i64,
    message: Arc<Message>,
    pub(super) groups: Vec<Group>,
}

impl Part {
    /// The one part of a short list that was sent just now.
    pub(super) fn first_of(
        now: i64,
        id: i64,
        name: String,
        message: &NewMessage,
        groups: Vec<Group>,
    ) -> Self {
        let (leaves, expires) = body::times(message);
        Self {
            id,
            name,
            number: 0,
            position: id,
            changed: 0,
            sender: message.sender().to_owned(),
            leaves,
            expires,
            sent_at: now,
            message: Arc::clone(message.message()),
            groups,
        }
    }
}

/// The name of a share, in its shard.
pub(super) fn share(id: i64, name: &str, part: i64) -> String {
    format!("{id}:{name}:{part}")
}

/// How long to remember a share, in seconds.
pub(super) fn remembered(now: i64, expires: i64) -> i64 {
    (expires.saturating_sub(now).max(0) / 1_000).saturating_add(REMEMBERED).min(LONGEST)
}

impl RedisStore {
    /// Hands over what was just recorded, and tells whether that is done.
    pub(super) async fn hand_over_soon(&self, now: i64, part: Part) -> bool {
        let store = self.clone();
        let work = async move { store.hand_over(now, part).await.map(|_| ()) };
        Self::finish("delivered", work).await
    }

    /// The same of all short lists up to one, in their order.
    pub(super) async fn hand_over_up_to(&self, now: i64, id: i64) -> bool {
        let store = self.clone();
        let work = async move { store.hand_over_through(now, id, Some(id)).await };
        Self::finish("delivered", work).await
    }

    /// Hands over all short lists that wait now, in their order, and not what is sent meanwhile.
    pub(super) async fn hand_over_waiting(&self, now: i64) -> Result<(), Error> {
        let mut ask = redis::cmd("ZRANGE");
        ask.arg(Shards::key(self.shards.first(), "ws")).arg(-1).arg(-1);
        match reply::array(self.link.ask(ask).await?)?.first() {
            Some(newest) => self.hand_over_through(now, reply::number(newest)?, None).await,
            None => Ok(()),
        }
    }

    async fn hand_over_through(
        &self,
        now: i64,
        newest: i64,
        own: Option<i64>,
    ) -> Result<(), Error> {
        while let Some(part) = self.next_part(now, None, true).await? {
            let id = part.id;
            if id > newest {
                break;
            }
            // Whose it is tells of it, and may be another process, or no longer there.
            let teller = if own == Some(id) { self.origin } else { EVERYBODY };
            self.hand_over_as(now, part, teller).await?;
        }
        Ok(())
    }

    /// The next part that waits, whoever recorded it.
    pub(super) async fn hand_over_next(
        &self,
        now: i64,
        name_users: bool,
    ) -> Result<Option<Delivered>, Error> {
        // What a process that died has left. Where a shard cannot be reached, the others go on.
        let left = [
            self.spread_rest().await,
            self.drop_parts(now, None).await,
            self.hand_over_waiting(now).await,
        ];
        for error in left.iter().filter_map(|done| done.as_ref().err()) {
            let error = error as &dyn std::error::Error;
            tracing::debug!(error, "what another process has left is still there");
        }
        while let Some(part) = self.next_part(now, None, false).await? {
            let id = part.id;
            let Some((part, delivered)) = self.hand_over(now, part).await? else { continue };
            let mut users = Vec::new();
            if name_users {
                for group in &part.groups {
                    users.extend(split(&group.users)?);
                }
            }
            return Ok(Some(Delivered {
                id: MessageId::new(id),
                position: ItemId::new(part.position),
                message: part.message,
                delivered,
                users,
            }));
        }
        Ok(None)
    }

    /// Hands a part over and gives it with the number of its users; nothing where somebody else was
    /// faster or the message is gone.
    pub(super) async fn hand_over(
        &self,
        now: i64,
        part: Part,
    ) -> Result<Option<(Part, u64)>, Error> {
        self.hand_over_as(now, part, self.origin).await
    }

    async fn hand_over_as(
        &self,
        now: i64,
        mut part: Part,
        teller: u64,
    ) -> Result<Option<(Part, u64)>, Error> {
        loop {
            let shares = part.groups.iter().map(|group| self.accept(now, &part, group));
            let positions = try_join_all(shares).await?;
            let mut call = PART_DONE.call(&[self.shards.first()]);
            call.arg(part.id).arg(part.number).arg(part.changed);
            for (group, position) in part.groups.iter().zip(positions) {
                // None where it was taken back: mostly the message is gone by now.
                let position = position.map(|position| position.to_string());
                call.arg(group.shard).arg(position.unwrap_or_default());
            }
            self.with_teller(&mut call, teller);
            let answer = reply::array(self.link.write(&PART_DONE, call).await?)?;
            match (answer.first().map(reply::bytes), answer.get(1)) {
                (Some(b"done"), Some(count)) => return Ok(Some((part, reply::count(count)?))),
                (Some(b"changed"), _) => {
                    let number = part.number;
                    match self.next_part(now, Some(part.id), false).await? {
                        Some(again) if again.number == number => part = again,
                        _ => return Ok(None),
                    }
                }
                _ => return Ok(None),
            }
        }
    }

    /// Gives a shard its share and tells its position there; nothing where it was taken back.
    pub(super) async fn accept(
        &self,
        now: i64,
        part: &Part,
        group: &Group,
    ) -> Result<Option<i64>, Error> {
        let mut call = ACCEPT.call(&[self.shards.clock(group.shard)]);
        self.with_position(&mut call, now, group.shard);
        call.arg(share(part.id, &part.name, part.number)).arg(part.position).arg(&part.sender);
        call.arg(part.leaves).arg(part.expires).arg(part.sent_at);
        call.arg(body::encode(&part.message)).arg(remembered(now, part.expires)).arg(&group.users);
        let position = reply::optional_number(&self.link.write(&ACCEPT, call).await?)?;
        if let Some(position) = position {
            self.saw(position);
        }
        Ok(position)
    }

    /// The next part of a list, or of the oldest short or long one that waits.
    pub(super) async fn next_part(
        &self,
        now: i64,
        id: Option<i64>,
        of_short: bool,
    ) -> Result<Option<Part>, Error> {
        let first = self.shards.first_number();
        let mut call = NEXT_PART.call(&[self.shards.clock(first)]);
        self.with_position(&mut call, now, first);
        call.arg(id.map(|id| id.to_string()).unwrap_or_default()).arg(u8::from(of_short));
        let answer = self.link.write(&NEXT_PART, call).await?;
        if matches!(answer, Value::Nil) {
            return Ok(None);
        }
        let [id, number, position, changed, sender, kept, groups, name] = reply::members(answer)?;
        let kept = body::decode(reply::bytes(&kept))?;
        let groups = reply::array(groups)?.into_iter().map(|group| {
            let [shard, users] = reply::members(group)?;
            Ok(Group { shard: self.shards.numbered(&shard)?, users: reply::text(users)? })
        });
        let part = Part {
            id: reply::number(&id)?,
            name: reply::text(name)?,
            number: reply::number(&number)?,
            position: reply::number(&position)?,
            changed: reply::number(&changed)?,
            sender: reply::text(sender)?,
            leaves: kept.until,
            expires: kept.expires_at,
            sent_at: kept.sent_at,
            message: kept.message,
            groups: groups.collect::<Result<_, Error>>()?,
        };
        self.saw(part.position);
        Ok(Some(part))
    }
}

//! The log that followers read: of one shard, or of all of them in the order of positions.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use redis::Value;

use super::body;
use super::reply;
use super::script::{ENTRIES, LOG, LOG_UP_TO};
use super::sending::split;
use super::shards::Shards;
use super::store::RedisStore;
use crate::clock::from_millis;
use crate::store::{Followed, state};
use crate::{Error, MAX_POSITION, MessageId, UserId};

/// An entry as a shard's log has it: its position, and the message and part.
struct Entry {
    shard: usize,
    position: i64,
    what: Value,
}

impl RedisStore {
    pub(super) async fn log(
        &self,
        now: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        self.finish_forgetting().await?;
        let mut found = Vec::new();
        let mut after = after;
        // Expired entries are in the log until they are swept.
        while found.len() < limit {
            let want = (limit - found.len()).max(20);
            let (entries, is_last) = if self.shards.are_several() {
                self.entries_of_all(after, want).await?
            } else {
                self.entries_of_one(after, want).await?
            };
            after = entries.last().map_or(after, |entry| entry.position);
            found.extend(self.followed(now, entries).await?);
            if is_last {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    async fn entries_of_one(&self, after: i64, want: usize) -> Result<(Vec<Entry>, bool), Error> {
        let mut call = LOG.call(&[self.shards.first()]);
        call.arg(after).arg(want);
        let found = entries(0, self.link.run(&LOG, call).await?)?;
        let is_last = found.len() < want;
        Ok((found, is_last))
    }

    /// The next entries of all shards. Each has a clock of its own: an entry counts when no shard will
    /// give out a position below it any more, which they are told.
    async fn entries_of_all(&self, after: i64, want: usize) -> Result<(Vec<Entry>, bool), Error> {
        let mut horizon = 0;
        loop {
            let logs = self.of_all(|shard| self.log_of(shard, after, want, horizon)).await?;
            let up_to = logs.iter().map(|(up_to, _)| *up_to).min().unwrap_or(after);
            let ahead = logs.iter().map(|(up_to, _)| *up_to).max().unwrap_or(after);
            let is_full = logs.iter().any(|(_, found)| found.len() == want);
            let mut found: Vec<_> = logs.into_iter().flat_map(|(_, found)| found).collect();
            if horizon == 0 && found.iter().any(|entry| entry.position > up_to) {
                // What there is by now comes with the second look, and not what is sent meanwhile.
                horizon = ahead;
                continue;
            }
            found.retain(|entry| entry.position <= up_to);
            found.sort_unstable_by_key(|entry| entry.position);
            let is_last = !is_full && found.len() <= want;
            found.truncate(want);
            return Ok((found, is_last));
        }
    }

    /// One shard's next entries, and up to which position these are all. It gives out none up to the
    /// horizon from here on.
    async fn log_of(
        &self,
        shard: usize,
        after: i64,
        want: usize,
        horizon: i64,
    ) -> Result<(i64, Vec<Entry>), Error> {
        let mut call = LOG_UP_TO.call(&[self.shards.clock(shard)]);
        call.arg(after).arg(want).arg(horizon);
        let [up_to, found] = reply::members(self.link.write(&LOG_UP_TO, call).await?)?;
        Ok((reply::number(&up_to)?, entries(shard, found)?))
    }

    /// Where the log ends: what was sent is not above it, and all that is sent from here on is.
    pub(super) async fn end_of_log(&self, now: i64) -> Result<i64, Error> {
        let at = state::position_at(now);
        let logs = self.of_all(|shard| self.log_of(shard, MAX_POSITION, 1, at)).await?;
        let end = logs.iter().map(|(up_to, _)| *up_to).fold(at, i64::max);
        self.of_all(|shard| self.log_of(shard, MAX_POSITION, 1, end)).await?;
        Ok(end)
    }

    /// The entry with a position that a hint has told.
    pub(super) async fn entry_at(&self, position: i64) -> Result<Option<Followed>, Error> {
        let shard = self.shards.of_position(position);
        let mut call = LOG.call(&[self.shards.clock(shard)]);
        call.arg(position - 1).arg(1);
        let mut found = entries(shard, self.link.run(&LOG, call).await?)?;
        found.retain(|entry| entry.position == position);
        Ok(self.followed(i64::MIN, found).await?.pop())
    }

    /// What entries say; nothing of those that are gone.
    async fn followed(&self, now: i64, entries: Vec<Entry>) -> Result<Vec<Followed>, Error> {
        let mut by_shard = BTreeMap::<usize, Vec<Entry>>::new();
        for entry in entries {
            by_shard.entry(entry.shard).or_default().push(entry);
        }
        let of_shards = by_shard.iter().map(|(shard, entries)| self.read(now, *shard, entries));
        let mut found: Vec<_> = try_join_all(of_shards).await?.into_iter().flatten().collect();
        found.sort_unstable_by_key(|entry| entry.position);
        Ok(found)
    }

    async fn read(
        &self,
        now: i64,
        shard: usize,
        entries: &[Entry],
    ) -> Result<Vec<Followed>, Error> {
        let mut call = ENTRIES.call(&[self.shards.clock(shard)]);
        call.arg(now);
        for entry in entries {
            call.arg(reply::bytes(&entry.what));
        }
        let answer = reply::array(self.link.run(&ENTRIES, call).await?)?;
        let mut found = Vec::with_capacity(answer.len());
        for (entry, said) in entries.iter().zip(answer) {
            if matches!(said, Value::Nil) {
                continue;
            }
            let [id, sender, body, users] = reply::members(said)?;
            let body = body::decode(reply::bytes(&body))?;
            let users = match users {
                Value::Array(groups) => Some(self.users_of_groups(groups).await?),
                users => reply::optional_text(users)?.map(|users| split(&users)).transpose()?,
            };
            found.push(Followed {
                position: entry.position,
                id: MessageId::new(reply::number(&id)?),
                sender: reply::text(sender)?,
                message: Arc::clone(&body.message),
                date: from_millis(body.sent_at),
                users,
            });
        }
        Ok(found)
    }

    /// The users of a part that is in several shards, or on its way there.
    async fn users_of_groups(&self, groups: Vec<Value>) -> Result<Vec<UserId>, Error> {
        let users = groups.into_iter().map(async |group| {
            let [shard, position, waiting] = reply::members(group)?;
            let Some(position) = reply::optional_number(&position)? else {
                return split(&reply::text(waiting)?);
            };
            let mut ask = redis::cmd("HGET");
            let clock = self.shards.clock(self.shards.numbered(&shard)?);
            ask.arg(Shards::key(clock, "p")).arg(position);
            split(&reply::optional_text(self.link.ask(ask).await?)?.unwrap_or_default())
        });
        Ok(try_join_all(users).await?.concat())
    }
}

fn entries(shard: usize, found: Value) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    let mut found = reply::array(found)?.into_iter();
    while let (Some(what), Some(position)) = (found.next(), found.next()) {
        entries.push(Entry { shard, position: reply::number(&position)?, what });
    }
    Ok(entries)
}

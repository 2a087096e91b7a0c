//! What a server remembers beside the messages.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use redis::{Cmd, Value};
use serde::{Deserialize, Serialize};

use super::reply;
use super::script::{
    ADD_API_KEY, ADVANCE, END_TOKENS, LEASE, LOAD, RELEASE, REVOKE_API_KEY, USE_ONCE,
};
use super::shards::Shards;
use super::store::{RedisStore, day};
use crate::clock::{from_millis, to_millis};
use crate::store::{ApiKey, Day, Load, Records, StartAt};
use crate::{Error, UserId};

/// An API key as it is kept; when it was revoked stands elsewhere.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    name: String,
    hash: [u8; 32],
    scopes: Vec<String>,
    created_at: i64,
}

impl RedisStore {
    fn command(&self, name: &str, key: &str) -> Cmd {
        command_in(self.shards.first(), name, key)
    }

    pub(super) async fn tokens_ended(&self, user: &UserId) -> Result<Option<SystemTime>, Error> {
        let mut ask = command_in(self.shard_of(user), "ZSCORE", "t");
        ask.arg(user.as_str());
        Ok(reply::optional_number(&self.link.ask(ask).await?)?.map(from_millis))
    }

    async fn key_from(&self, kept: &Value) -> Result<Option<ApiKey>, Error> {
        let Ok(kept) = serde_json::from_slice::<Kept>(reply::bytes(kept)) else {
            return Ok(None);
        };
        let mut ask = self.command("HGET", "Kr");
        ask.arg(&kept.id);
        let revoked_at = reply::optional_number(&self.link.ask(ask).await?)?;
        let Kept { id, name, hash, scopes, created_at } = kept;
        let (created_at, revoked_at) = (from_millis(created_at), revoked_at.map(from_millis));
        Ok(Some(ApiKey { id, name, hash, scopes, created_at, revoked_at }))
    }
}

#[async_trait]
impl Records for RedisStore {
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Error> {
        let mut set = self.command("HSETNX", "secrets");
        set.arg(name).arg(fresh);
        self.link.ask(set).await?;
        let mut get = self.command("HGET", "secrets");
        get.arg(name);
        Ok(reply::bytes(&self.link.ask(get).await?).to_vec())
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), Error> {
        let kept = Kept {
            id: key.id.clone(),
            name: key.name.clone(),
            hash: key.hash,
            scopes: key.scopes.clone(),
            created_at: to_millis(key.created_at),
        };
        let kept = serde_json::to_string(&kept).map_err(|cause| {
            Error::internal(super::NAME, "an API key cannot be written").with_source(cause)
        })?;
        let mut call = ADD_API_KEY.call(&[self.shards.first()]);
        call.arg(&key.id).arg(&key.hash[..]).arg(kept);
        match reply::number(&self.link.write(&ADD_API_KEY, call).await?)? {
            1 => Ok(()),
            _ => Err(Error::conflict("there is an API key with this id")),
        }
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        let mut keys = Vec::new();
        for kept in reply::array(self.link.ask(self.command("HVALS", "K")).await?)? {
            keys.extend(self.key_from(&kept).await?);
        }
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }

    async fn api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, Error> {
        let mut ask = self.command("HGET", "Kh");
        ask.arg(&hash[..]);
        let id = self.link.ask(ask).await?;
        if matches!(id, Value::Nil) {
            return Ok(None);
        }
        let mut ask = self.command("HGET", "K");
        ask.arg(reply::bytes(&id));
        let kept = self.link.ask(ask).await?;
        self.key_from(&kept).await
    }

    async fn revoke_api_key(&self, now: SystemTime, id: &str) -> Result<bool, Error> {
        let mut call = REVOKE_API_KEY.call(&[self.shards.first()]);
        call.arg(id).arg(to_millis(now));
        Ok(reply::number(&self.link.write(&REVOKE_API_KEY, call).await?)? == 1)
    }

    async fn end_tokens(&self, now: SystemTime, user: &UserId) -> Result<(), Error> {
        let mut call = END_TOKENS.call(&[self.shard_of(user)]);
        call.arg(user.as_str()).arg(to_millis(now));
        self.link.write(&END_TOKENS, call).await.map(|_| ())
    }

    async fn tokens_ended_at(&self, user: &UserId) -> Result<Option<SystemTime>, Error> {
        self.tokens_ended(user).await
    }

    async fn lease(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        start: StartAt,
    ) -> Result<Option<i64>, Error> {
        let now = to_millis(now);
        let mut begin = i64::from(start == StartAt::Now);
        if self.shards.are_several() && start == StartAt::Now {
            let mut ask = self.command("HEXISTS", "f");
            ask.arg(name);
            if reply::number(&self.link.ask(ask).await?)? == 0 {
                begin = self.end_of_log(now).await?;
            }
        }
        let mut call = LEASE.call(&[self.shards.first()]);
        call.arg(now).arg(name).arg(holder).arg(now.saturating_add(millis(ttl))).arg(begin);
        reply::optional_number(&self.link.write(&LEASE, call).await?)
    }

    async fn advance(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        position: i64,
    ) -> Result<bool, Error> {
        let until = to_millis(now).saturating_add(millis(ttl));
        let mut call = ADVANCE.call(&[self.shards.first()]);
        call.arg(name).arg(holder).arg(until).arg(position);
        Ok(reply::number(&self.link.write(&ADVANCE, call).await?)? == 1)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), Error> {
        let mut call = RELEASE.call(&[self.shards.first()]);
        call.arg(name).arg(holder);
        self.link.write(&RELEASE, call).await.map(|_| ())
    }

    async fn use_once(
        &self,
        now: SystemTime,
        id: &[u8; 32],
        until: SystemTime,
    ) -> Result<bool, Error> {
        let mut call = USE_ONCE.call(&[self.shards.first()]);
        call.arg(to_millis(now)).arg(&id[..]).arg(to_millis(until));
        Ok(reply::number(&self.link.write(&USE_ONCE, call).await?)? == 1)
    }

    async fn load(&self) -> Result<Load, Error> {
        let call = LOAD.call(&[self.shards.first(), self.shards.outbox()]);
        let [waiting, refused, parts] = reply::members(self.link.run(&LOAD, call).await?)?;
        Ok(Load {
            outbox_waiting: reply::count(&waiting)?,
            outbox_refused: reply::count(&refused)?,
            parts_waiting: reply::count(&parts)?,
            ..Load::default()
        })
    }

    async fn days(&self, from: SystemTime) -> Result<Vec<Day>, Error> {
        let from = day(to_millis(from));
        let figures = self.of_all(|shard| async move {
            let ask = command_in(self.shards.clock(shard), "HGETALL", "d");
            reply::array(self.link.ask(ask).await?)
        });
        let mut days = BTreeMap::<i64, Day>::new();
        for pair in figures.await?.iter().flat_map(|figures| figures.chunks_exact(2)) {
            let Some((what, number)) = reply::bytes(&pair[0]).split_last() else { continue };
            let Some(number) = reply::digits(number).filter(|day| *day >= from) else { continue };
            let day = days.entry(number).or_insert(Day { day: number, ..Day::default() });
            let figure = match what {
                b's' => &mut day.sent,
                b'r' => &mut day.read,
                _ => &mut day.read_all,
            };
            *figure += reply::count(&pair[1])?;
        }
        Ok(days.into_values().collect())
    }
}

/// A plain command on a key of a shard.
fn command_in(clock: &str, name: &str, key: &str) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(Shards::key(clock, key));
    command
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

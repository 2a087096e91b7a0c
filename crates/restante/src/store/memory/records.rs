use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::super::{ApiKey, Day, Load, Records, StartAt, state};
use super::MemoryStore;
use super::data::Lease;
use crate::clock::{from_millis, to_millis};
use crate::{Error, UserId};

#[async_trait]
impl Records for MemoryStore {
    async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Error> {
        let mut data = self.data();
        Ok(data.secrets.entry(name.to_owned()).or_insert_with(|| fresh.to_vec()).clone())
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), Error> {
        let mut data = self.data();
        if data.api_keys.iter().any(|old| old.id == key.id || old.hash == key.hash) {
            return Err(Error::conflict("there is an API key with this id"));
        }
        data.api_keys.push(key.clone());
        Ok(())
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        let mut keys = self.data().api_keys.clone();
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }

    async fn api_key(&self, hash: &[u8; 32]) -> Result<Option<ApiKey>, Error> {
        Ok(self.data().api_keys.iter().find(|key| key.hash == *hash).cloned())
    }

    async fn revoke_api_key(&self, now: SystemTime, id: &str) -> Result<bool, Error> {
        let mut data = self.data();
        match data.api_keys.iter_mut().find(|key| key.id == id && key.revoked_at.is_none()) {
            Some(key) => {
                key.revoked_at = Some(from_millis(to_millis(now)));
                Ok(true)
            }
            None => Ok(false),
        }
    }

    async fn end_tokens(&self, now: SystemTime, user: &UserId) -> Result<(), Error> {
        let mut data = self.data();
        let ended = data.tokens_ended.entry(user.clone()).or_default();
        *ended = to_millis(now).max(*ended);
        Ok(())
    }

    async fn tokens_ended_at(&self, user: &UserId) -> Result<Option<SystemTime>, Error> {
        Ok(self.data().tokens_ended.get(user).copied().map(from_millis))
    }

    async fn lease(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        start: StartAt,
    ) -> Result<Option<i64>, Error> {
        let (mut data, now) = (self.data(), to_millis(now));
        let begin = match start {
            StartAt::Now => state::newest_position(data.last),
            StartAt::Oldest => 0,
        };
        let fresh = || Lease { position: begin, holder: None, until: 0 };
        let lease = data.followers.entry(name.to_owned()).or_insert_with(fresh);
        let is_free = lease.until <= now || lease.holder.as_deref().is_none_or(|h| h == holder);
        if !is_free {
            return Ok(None);
        }
        lease.holder = Some(holder.to_owned());
        lease.until = now.saturating_add(millis(ttl));
        Ok(Some(lease.position))
    }

    async fn advance(
        &self,
        now: SystemTime,
        name: &str,
        holder: &str,
        ttl: Duration,
        position: i64,
    ) -> Result<bool, Error> {
        let (mut data, now) = (self.data(), to_millis(now));
        match data.followers.get_mut(name) {
            Some(lease) if lease.holder.as_deref() == Some(holder) => {
                lease.position = lease.position.max(position);
                lease.until = now.saturating_add(millis(ttl));
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), Error> {
        if let Some(lease) = self.data().followers.get_mut(name)
            && lease.holder.as_deref() == Some(holder)
        {
            lease.holder = None;
        }
        Ok(())
    }

    async fn use_once(
        &self,
        now: SystemTime,
        id: &[u8; 32],
        until: SystemTime,
    ) -> Result<bool, Error> {
        let (now, until) = (to_millis(now), to_millis(until));
        let mut data = self.data();
        let is_first = data.used_once.get(id).is_none_or(|until| *until <= now);
        if is_first {
            data.used_once.insert(*id, until);
        }
        Ok(is_first)
    }

    async fn load(&self) -> Result<Load, Error> {
        let data = self.data();
        let refused = data.outbox.values().filter(|left| left.refused.is_some()).count();
        Ok(Load {
            outbox_waiting: (data.outbox.len() - refused) as u64,
            outbox_refused: refused as u64,
            parts_waiting: data.waiting.len() as u64,
            ..Load::default()
        })
    }

    async fn days(&self, from: SystemTime) -> Result<Vec<Day>, Error> {
        let from = to_millis(from).div_euclid(86_400_000);
        Ok(self.data().days.range(from..).map(|(_, day)| *day).collect())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

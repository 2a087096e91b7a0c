//! Forgetting a user: the id is free in one step, what is left goes in bounded ones.

use redis::Value;

use super::NAME;
use super::marking::{VERSIONS, overtaken};
use super::reply;
use super::script::{FORGET, FORGOTTEN};
use super::shards::Shards;
use super::store::RedisStore;
use crate::{Error, UserId};

/// How many items one script takes care of.
const ITEMS_AT_ONCE: usize = 200;

impl RedisStore {
    /// In one step, or of several shards in two, also when the caller goes away. Where the process
    /// dies in between, whoever asked has no answer and asks again.
    pub(super) async fn forget_user(&self, now: i64, user: &UserId) -> Result<bool, Error> {
        if !self.shards.are_several() {
            return self.forget_everywhere(now, user).await;
        }
        let (store, user) = (self.clone(), user.clone());
        let forgotten = tokio::spawn(async move { store.forget_everywhere(now, &user).await });
        forgotten.await.unwrap_or_else(|_| Err(Error::transient(NAME, "forgetting was stopped")))
    }

    async fn forget_everywhere(&self, now: i64, user: &UserId) -> Result<bool, Error> {
        let shard = self.shards.of(user);
        let mut is_known = false;
        if shard != self.shards.first_number() {
            // Before the items: what waits until now is no longer for this user when it arrives.
            is_known = self.forget_in(now, user, self.shards.first_number()).await?;
        }
        is_known |= self.forget_in(now, user, shard).await?;
        while self.forget_items_in(shard).await? > 0 {}
        Ok(is_known)
    }

    async fn forget_in(&self, now: i64, user: &UserId, shard: usize) -> Result<bool, Error> {
        let job = format!("{:032x}", fastrand::u128(..));
        let clock = self.shards.clock(shard);
        let none = Shards::key(clock, "none");
        let is_first = shard == self.shards.first_number();
        let outbox = if is_first { self.shards.outbox() } else { &none };
        let several = self.shards.are_several().then(|| self.shards.of(user).to_string());
        let several = several.unwrap_or_default();
        let mut broadcasts = self.broadcasts.get();
        let mut version = broadcasts.version;
        for _ in 0..VERSIONS {
            let mut call = FORGET.call(&[clock, outbox]);
            call.arg(user.as_str()).arg(&job).arg(version).arg(&several);
            for one in broadcasts.at(version).iter().filter(|one| one.body.expires_at > now) {
                let (until, sent_at) = (one.body.until, one.body.sent_at);
                let newcomers = u8::from(one.newcomers);
                call.arg(format!("{}|{until}|{sent_at}|{newcomers}", one.position));
            }
            let [how, what] = reply::members(self.link.write(&FORGET, call).await?)?;
            if reply::bytes(&how) == b"done" {
                return Ok(reply::number(&what)? == 1);
            }
            version = reply::number(&what)?;
            broadcasts = self.reload(&what).await?;
        }
        Err(overtaken())
    }

    /// Does what is left to do of all who were forgotten. It is known where to go on, so that it
    /// does not matter who began.
    pub(super) async fn finish_forgetting(&self) -> Result<(), Error> {
        while self.forget_items().await? > 0 {}
        Ok(())
    }

    /// One bounded step: how many items it took care of.
    pub(super) async fn forget_items(&self) -> Result<u64, Error> {
        Ok(self.of_all(|shard| self.forget_items_in(shard)).await?.into_iter().sum())
    }

    async fn forget_items_in(&self, shard: usize) -> Result<u64, Error> {
        let mut call = FORGOTTEN.call(&[self.shards.clock(shard)]);
        call.arg(ITEMS_AT_ONCE);
        match self.link.write(&FORGOTTEN, call).await? {
            Value::Nil => Ok(0),
            done => reply::count(&done),
        }
    }
}

//! Forgetting a user: the id is free in one step, what is left goes in bounded ones.

use redis::Value;

use super::marking::{VERSIONS, overtaken};
use super::reply;
use super::script::{FORGET, FORGOTTEN};
use super::store::RedisStore;
use crate::{Error, UserId};

/// How many items one script takes care of.
const ITEMS_AT_ONCE: usize = 200;

impl RedisStore {
    pub(super) async fn forget_user(&self, now: i64, user: &UserId) -> Result<bool, Error> {
        let job = format!("{:032x}", fastrand::u128(..));
        let mut broadcasts = self.broadcasts.get();
        for _ in 0..VERSIONS {
            let mut call = FORGET.call(&[self.shard_of(user), self.shards.outbox()]);
            call.arg(user.as_str()).arg(&job).arg(broadcasts.version);
            for one in broadcasts.all().iter().filter(|one| one.body.expires_at > now) {
                let (until, sent_at) = (one.body.until, one.body.sent_at);
                let newcomers = u8::from(one.newcomers);
                call.arg(format!("{}|{until}|{sent_at}|{newcomers}", one.position));
            }
            let [how, what] = reply::members(self.link.write(&FORGET, call).await?)?;
            if reply::bytes(&how) == b"done" {
                self.finish_forgetting().await?;
                return Ok(reply::number(&what)? == 1);
            }
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
        let mut call = FORGOTTEN.call(&[self.shards.first()]);
        call.arg(ITEMS_AT_ONCE);
        match self.link.write(&FORGOTTEN, call).await? {
            Value::Nil => Ok(0),
            done => reply::count(&done),
        }
    }
}

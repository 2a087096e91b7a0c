//! Telling all shards of a new version of the broadcasts.
//!
//! The broadcasts are in the first shard, and in each process' memory as of a version. A page reads the
//! version of its own user's shard, so that no key is read by all; the messages are read once a version
//! and process.

use futures_util::future::try_join_all;

use super::reply;
use super::script::{SPREAD, SPREAD_DONE};
use super::store::RedisStore;
use crate::Error;

impl RedisStore {
    /// Spreads what was just recorded, and then tells other processes.
    pub(super) async fn spread_soon(&self, hint: String) {
        let store = self.clone();
        let work = async move {
            let (version, _) = store.versions().await?;
            store.spread(version, &hint).await
        };
        Self::finish("told to all shards", work).await;
    }

    /// Spreads what a process that died has left.
    pub(super) async fn spread_rest(&self) -> Result<(), Error> {
        let (version, spread) = self.versions().await?;
        if version == spread { Ok(()) } else { self.spread(version, "").await }
    }

    /// The version, and the one that all shards know.
    async fn versions(&self) -> Result<(i64, i64), Error> {
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.shards.first()).arg(&["v", "vt"]);
        let [version, spread] = reply::members(self.link.ask(ask).await?)?;
        let number = |value| Ok(reply::optional_number(value)?.unwrap_or_default());
        Ok((number(&version)?, number(&spread)?))
    }

    async fn spread(&self, version: i64, hint: &str) -> Result<(), Error> {
        let mut version = version;
        loop {
            let known = (0..self.shards.first_number()).map(|shard| self.tell(shard, version));
            let newest = try_join_all(known).await?.into_iter().max().unwrap_or(version);
            if newest == version {
                break;
            }
            // The first shard's master has lost one that they were told of.
            version = self.tell(self.shards.first_number(), newest + 1).await?;
        }
        let mut call = SPREAD_DONE.call(&[self.shards.first()]);
        call.arg(version).arg(hint);
        self.with_origin(&mut call);
        self.link.write(&SPREAD_DONE, call).await.map(|_| ())
    }

    /// Tells one shard and gives the version that it has now.
    async fn tell(&self, shard: usize, version: i64) -> Result<i64, Error> {
        let mut call = SPREAD.call(&[self.shards.clock(shard)]);
        call.arg(version);
        reply::number(&self.link.write(&SPREAD, call).await?)
    }
}

//! Taking a retracted list back from the shards that have some of it, or may get it yet.

use futures_util::future::try_join_all;
use redis::Value;

use super::handing_over::{remembered, share};
use super::reply;
use super::script::{DROP_PART, RETRACTED, RETRACTING};
use super::store::RedisStore;
use crate::{Error, MessageId};

/// How many parts are taken back between two notes of where to go on.
const PARTS_AT_ONCE: usize = 16;
/// How many shards are told at the same time.
const GROUPS_AT_ONCE: usize = 64;

impl RedisStore {
    /// Takes back what was just retracted.
    pub(super) async fn drop_parts_soon(&self, now: i64, id: MessageId) {
        let store = self.clone();
        Self::finish("taken back", async move { store.drop_parts(now, Some(id)).await }).await;
    }

    /// Takes back one list, or all that are retracted and still somewhere.
    pub(super) async fn drop_parts(&self, now: i64, id: Option<MessageId>) -> Result<(), Error> {
        loop {
            let mut call = RETRACTING.call(&[self.shards.first()]);
            call.arg(id.map(|id| id.value().to_string()).unwrap_or_default()).arg(PARTS_AT_ONCE);
            let answer = self.link.run(&RETRACTING, call).await?;
            if matches!(answer, Value::Nil) {
                return Ok(());
            }
            let [id, from, expires, parts, name] = reply::members(answer)?;
            let (id, from) = (reply::number(&id)?, reply::number(&from)?);
            let (expires, name) = (reply::number(&expires)?, reply::text(name)?);
            let (mut shares, mut number) = (Vec::new(), from);
            for shards in reply::array(parts)? {
                for shard in reply::array(shards)? {
                    shares.push((number, self.shards.numbered(&shard)?));
                }
                number += 1;
            }
            for some in shares.chunks(GROUPS_AT_ONCE) {
                try_join_all(some.iter().map(async |(part, shard)| {
                    let mut call = DROP_PART.call(&[self.shards.clock(*shard)]);
                    call.arg(share(id, &name, *part)).arg(remembered(now, expires));
                    self.link.write(&DROP_PART, call).await
                }))
                .await?;
            }
            let mut call = RETRACTED.call(&[self.shards.first()]);
            call.arg(id).arg(number);
            self.with_origin(&mut call);
            self.link.write(&RETRACTED, call).await?;
        }
    }
}

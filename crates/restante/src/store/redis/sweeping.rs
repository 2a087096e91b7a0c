//! Retracting, and removing what nobody can see.

use std::sync::Arc;

use super::broadcasts::{self, Broadcasts};
use super::reply;
use super::script::{RETRACT, SWEEP};
use super::shards::Shards;
use super::store::RedisStore;
use crate::store::{Swept, state};
use crate::{Error, MessageId};

/// How many rows one step removes, of all shards together and within one part.
const ROWS_AT_ONCE: usize = 2_000;

impl RedisStore {
    pub(super) async fn take_back(
        &self,
        now: i64,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error> {
        let several = self.shards.are_several();
        let mut call = RETRACT.call(&[self.shards.clock(self.shards.of_position(id.value()))]);
        call.arg(now).arg(id.value()).arg(u8::from(sender.is_some()));
        call.arg(sender.unwrap_or_default()).arg(state::retracted_until(now, i64::MAX));
        call.arg(u8::from(several));
        self.with_origin(&mut call);
        let Some(kind) = reply::optional_text(self.link.write(&RETRACT, call).await?)? else {
            return Ok(false);
        };
        if several {
            match kind.as_str() {
                "d" | "D" => self.drop_parts_soon(now, id).await,
                "e" | "E" => self.spread_soon(format!("x {}", id.value())).await,
                _ => {}
            }
        }
        Ok(true)
    }

    pub(super) async fn sweep_step(&self, now: i64) -> Result<Swept, Error> {
        if self.shards.are_several() {
            // What a process that died has left.
            self.drop_parts(now, None).await?;
        }
        let forgotten = self.forget_items().await?;
        if forgotten > 0 {
            return Ok(Swept { others: forgotten, more: true, ..Swept::default() });
        }
        let broadcasts =
            if self.shards.are_several() { Some(self.find_gone_broadcasts().await?) } else { None };
        let broadcasts = broadcasts.as_ref();
        let swept = self.of_all(|shard| self.sweep_shard(now, shard, broadcasts)).await?;
        if broadcasts.is_some() {
            self.spread_rest().await?;
        }
        Ok(swept.into_iter().fold(Swept::default(), |all, one| Swept {
            messages: all.messages + one.messages,
            items: all.items + one.items,
            others: all.others + one.others,
            more: all.more || one.more,
        }))
    }

    async fn sweep_shard(
        &self,
        now: i64,
        shard: usize,
        broadcasts: Option<&Arc<Broadcasts>>,
    ) -> Result<Swept, Error> {
        let mut call = SWEEP.call(&[self.shards.clock(shard)]);
        call.arg(now).arg(ROWS_AT_ONCE.div_ceil(self.shards.count()));
        if let Some(broadcasts) = broadcasts
            && shard != self.shards.first_number()
        {
            let oldest = broadcasts.all().first().map(|oldest| oldest.position.to_string());
            call.arg(broadcasts.version).arg(oldest.as_deref().unwrap_or("inf"));
        }
        let [messages, items, others, more] = reply::members(self.link.write(&SWEEP, call).await?)?;
        Ok(Swept {
            messages: reply::count(&messages)?,
            items: reply::count(&items)?,
            others: reply::count(&others)?,
            more: reply::number(&more)? == 1,
        })
    }

    /// Marks in all other shards which states belong to broadcasts that are gone from the first, and
    /// gives those that there are.
    async fn find_gone_broadcasts(&self) -> Result<Arc<Broadcasts>, Error> {
        let command = |name: &str, key: &str, shard| {
            let mut command = redis::cmd(name);
            command.arg(Shards::key(self.shards.clock(shard), key));
            command
        };
        // The states first: what is not among the broadcasts that are read after them is gone.
        let states = self.of_all(|shard| self.link.ask(command("SMEMBERS", "Bs", shard))).await?;
        let broadcasts = Arc::new(broadcasts::load(&self.link, &self.shards).await?);
        for (shard, states) in states.into_iter().enumerate() {
            let mut gone = command("SADD", "X", shard);
            let mut is_any = false;
            for id in reply::array(states)? {
                if broadcasts.find(reply::number(&id)?).is_none() {
                    gone.arg(reply::bytes(&id));
                    is_any = true;
                }
            }
            if is_any {
                self.link.ask(gone).await?;
            }
        }
        Ok(broadcasts)
    }
}

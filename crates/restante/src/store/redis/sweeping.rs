//! Retracting, and removing what nobody can see.

use super::reply;
use super::script::{RETRACT, SWEEP};
use super::store::RedisStore;
use crate::store::{Swept, state};
use crate::{Error, MessageId};

/// How many rows one step removes, within one part.
const ROWS_AT_ONCE: usize = 2_000;

impl RedisStore {
    pub(super) async fn take_back(
        &self,
        now: i64,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error> {
        let mut call = RETRACT.call(&[self.shards.first()]);
        call.arg(now).arg(id.value()).arg(u8::from(sender.is_some()));
        call.arg(sender.unwrap_or_default()).arg(state::retracted_until(now, i64::MAX));
        self.with_origin(&mut call);
        Ok(reply::number(&self.link.write(&RETRACT, call).await?)? == 1)
    }

    pub(super) async fn sweep_step(&self, now: i64) -> Result<Swept, Error> {
        let forgotten = self.forget_items().await?;
        if forgotten > 0 {
            return Ok(Swept { others: forgotten, more: true, ..Swept::default() });
        }
        let mut call = SWEEP.call(&[self.shards.first()]);
        call.arg(now).arg(ROWS_AT_ONCE);
        let [messages, items, others, more] = reply::members(self.link.write(&SWEEP, call).await?)?;
        Ok(Swept {
            messages: reply::count(&messages)?,
            items: reply::count(&items)?,
            others: reply::count(&others)?,
            more: reply::number(&more)? == 1,
        })
    }
}

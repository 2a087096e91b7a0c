//! Marking read, unread, all; dismissing. The rules are in `lua/mark.lua` and `lua/all.lua`.

use std::sync::Arc;

use super::NAME;
use super::broadcasts::{Broadcast, Broadcasts};
use super::reply;
use super::script::{JOIN, MARK, MARK_ALL};
use super::store::{RedisStore, day};
use crate::{AsOf, Error, ItemId, UserId};

/// How often a script is told of the broadcasts, while they keep changing, before that is given up.
pub(super) const VERSIONS: usize = 50;

/// Each time another version was there.
pub(super) fn overtaken() -> Error {
    Error::transient(NAME, "messages to everyone come and go too fast; try again")
}

/// How a script is told what it has to know of a broadcast.
pub(super) fn describe(broadcast: &Broadcast) -> String {
    let Broadcast { position, newcomers, ref body, .. } = *broadcast;
    let newcomers = u8::from(newcomers);
    format!("{position}|{}|{}|{}|{newcomers}", body.until, body.expires_at, body.sent_at)
}

impl RedisStore {
    /// Changes items and tells how many did change.
    pub(super) async fn mark(
        &self,
        now: i64,
        user: &UserId,
        change: &'static str,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        let mut broadcasts = self.broadcasts.get();
        for _ in 0..VERSIONS {
            let mut call = MARK.call(&[self.shard_of(user)]);
            self.with_position(&mut call, now, self.shards.of(user));
            call.arg(now).arg(user.as_str()).arg(change).arg(day(now)).arg(broadcasts.version);
            for id in ids.iter().filter(|id| id.value() > 0) {
                if !id.is_broadcast() {
                    call.arg(id.value());
                } else if let Some(one) = live(&broadcasts, *id, now) {
                    call.arg(describe(one));
                }
            }
            self.with_origin(&mut call);
            let answer = reply::array(self.link.write(&MARK, call).await?)?;
            match &answer[..] {
                [_, changed, since] => {
                    self.saw(reply::number(since)?);
                    return reply::count(changed);
                }
                [_stale, version] => broadcasts = self.reload(version).await?,
                _ => return Ok(0),
            }
        }
        Err(overtaken())
    }

    pub(super) async fn mark_all(
        &self,
        now: i64,
        user: &UserId,
        as_of: AsOf,
    ) -> Result<bool, Error> {
        let mut broadcasts = self.broadcasts.get();
        let mut version = broadcasts.version;
        for _ in 0..VERSIONS {
            // A watermark must not cover a broadcast that the user's snapshot does not have.
            let newest = broadcasts.at(version).last().map_or(0, |one| one.position);
            let mut call = MARK_ALL.call(&[self.shard_of(user)]);
            call.arg(user.as_str()).arg(now).arg(as_of.personal()).arg(as_of.broadcast());
            call.arg(version).arg(newest).arg(day(now));
            self.with_origin(&mut call);
            let [how, what] = reply::members(self.link.write(&MARK_ALL, call).await?)?;
            if reply::bytes(&how) == b"done" {
                return Ok(reply::number(&what)? == 1);
            }
            version = reply::number(&what)?;
            broadcasts = self.reload(&what).await?;
        }
        Err(overtaken())
    }

    pub(super) async fn set_joined(&self, user: &UserId, joined: i64) -> Result<bool, Error> {
        let mut call = JOIN.call(&[self.shard_of(user)]);
        call.arg(user.as_str()).arg(joined);
        Ok(reply::number(&self.link.write(&JOIN, call).await?)? == 1)
    }

    /// The broadcasts, after a script has told that it knows another version of them.
    pub(super) async fn reload(&self, version: &redis::Value) -> Result<Arc<Broadcasts>, Error> {
        self.broadcasts.of(reply::number(version)?, &self.link, &self.shards).await
    }
}

fn live(broadcasts: &Broadcasts, id: ItemId, now: i64) -> Option<&Broadcast> {
    broadcasts.find(id.value()).filter(|one| one.body.expires_at > now)
}

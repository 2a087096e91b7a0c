//! Messages to everyone: kept in the process, as of a version that every page reads with it.

use std::sync::{Arc, PoisonError, RwLock};

use redis::Value;

use super::body::{self, Body, Kind};
use super::connection::Link;
use super::reply;
use super::script::BROADCASTS;
use super::shards::Shards;
use crate::Error;

/// One message to everyone.
#[derive(Clone, Debug)]
pub(super) struct Broadcast {
    pub(super) position: i64,
    /// The version with which it came.
    pub(super) version: i64,
    pub(super) newcomers: bool,
    pub(super) body: Body,
}

/// All that are neither retracted nor swept, oldest first, as of a version.
#[derive(Debug, Default)]
pub(super) struct Broadcasts {
    pub(super) version: i64,
    all: Vec<Broadcast>,
}

impl Broadcasts {
    /// Those that a snapshot with this version has.
    pub(super) fn at(&self, version: i64) -> &[Broadcast] {
        // Versions rise with positions.
        let end = self.all.partition_point(|broadcast| broadcast.version <= version);
        &self.all[..end]
    }

    pub(super) fn find(&self, position: i64) -> Option<&Broadcast> {
        let at = self.all.binary_search_by_key(&position, |broadcast| broadcast.position).ok()?;
        self.all.get(at)
    }

    pub(super) fn all(&self) -> &[Broadcast] {
        &self.all
    }
}

/// The newest version that this process has read. Of several shards only the first has the messages;
/// each has the version that it was told of, which may be older.
#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<Arc<Broadcasts>>);

impl Cache {
    pub(super) fn get(&self) -> Arc<Broadcasts> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The broadcasts for a snapshot with this version. They may be newer. A version that went back
    /// is that of a server which was flushed, or lost its last second.
    pub(super) async fn of(
        &self,
        version: i64,
        link: &Link,
        shards: &Shards,
    ) -> Result<Arc<Broadcasts>, Error> {
        let known = self.get();
        if known.version == version || (shards.are_several() && known.version > version) {
            return Ok(known);
        }
        let mut loaded = load(link, shards).await?;
        if shards.are_several() {
            // What the first shard's master has lost is not waited for.
            loaded.version = loaded.version.max(version);
        }
        let loaded = Arc::new(loaded);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&loaded);
        Ok(loaded)
    }
}

/// All that there are now.
pub(super) async fn load(link: &Link, shards: &Shards) -> Result<Broadcasts, Error> {
    let call = BROADCASTS.call(&[shards.first()]);
    decode(link.run(&BROADCASTS, call).await?)
}

fn decode(value: Value) -> Result<Broadcasts, Error> {
    let [version, found] = reply::members(value)?;
    let all = reply::array(found)?.into_iter().map(|one| {
        let [position, version, kind, body] = reply::members(one)?;
        Ok(Broadcast {
            position: reply::number(&position)?,
            version: reply::number(&version)?,
            newcomers: Kind::from_name(&reply::text(kind)?)
                == Some(Kind::Everyone { newcomers: true }),
            body: body::decode(reply::bytes(&body))?,
        })
    });
    Ok(Broadcasts { version: reply::number(&version)?, all: all.collect::<Result<_, Error>>()? })
}

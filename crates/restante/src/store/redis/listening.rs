//! Hearing what other processes tell, in every shard.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::{Instant, interval_at};

use super::shards::Shards;
use super::store::RedisStore;
use crate::Error;
use crate::store::hints::read;
use crate::store::{Change, ChangeSender};

/// How often to see whether anything would be heard: a network that forgot a connection says
/// nothing.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(500);

/// Listens until nobody wants to hear it.
pub(super) async fn listen(store: RedisStore, changes: ChangeSender) {
    tokio::select! {
        () = changes.closed() => {}
        () = listen_for_ever(&store, &changes) => {}
    }
}

async fn listen_for_ever(store: &RedisStore, changes: &ChangeSender) {
    loop {
        if let Err(error) = listen_once(store, changes).await {
            // Whoever reads or writes says so louder.
            tracing::debug!(error = &error as &dyn std::error::Error, "nothing is heard");
        }
        tokio::time::sleep(PAUSE.mul_f64(0.5 + fastrand::f64())).await;
    }
}

async fn listen_once(store: &RedisStore, changes: &ChangeSender) -> Result<(), Error> {
    let clocks = (0..store.shards.count()).map(|shard| store.shards.clock(shard));
    let channels: Vec<_> = clocks.map(|clock| Shards::key(clock, "hints")).collect();
    let mut heard = store.link.hear(&channels).await?;
    // Whatever was told before is missed.
    changes.send(Change::Anything);
    let all: BTreeSet<&str> = channels.iter().map(String::as_str).collect();
    // Where nothing was heard since the last look, and where not even this process hears itself.
    let (mut quiet, mut deaf) = (all.clone(), BTreeSet::new());
    let mut look = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
    loop {
        tokio::select! {
            next = heard.next() => {
                let Some((channel, payload)) = next else { return Ok(()) };
                if heard.skip_backlog() {
                    changes.send(Change::Anything);
                }
                quiet.remove(channel.as_str());
                deaf.remove(channel.as_str());
                for change in read(&payload, store.origin) {
                    if let Some(change) = store.complete(change).await {
                        changes.send(change);
                    }
                }
            }
            _ = look.tick() => {
                if !deaf.is_empty() {
                    return Ok(());
                }
                deaf = std::mem::replace(&mut quiet, all.clone());
                try_join_all(deaf.iter().map(|channel| tell_oneself(store, channel))).await?;
            }
        }
    }
}

async fn tell_oneself(store: &RedisStore, channel: &str) -> Result<(), Error> {
    let mut tell = redis::cmd(store.link.publish());
    tell.arg(channel).arg(format!("{:x}", store.origin));
    store.link.ask(tell).await.map(|_| ())
}

impl RedisStore {
    /// With several shards a position leads to one of them, where its entry is found at once; whoever
    /// followed the log from there would have to ask all. Nothing where it is gone already.
    async fn complete(&self, change: Change) -> Option<Change> {
        match change {
            Change::Sent { first, last } if self.shards.are_several() && first == last => {
                match self.entry_at(first).await {
                    Ok(entry) => entry.map(|entry| Change::Entry(Box::new(entry))),
                    Err(_) => Some(Change::Anything),
                }
            }
            change => Some(change),
        }
    }
}

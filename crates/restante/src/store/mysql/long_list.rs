//! The users of a long list, looked up before the list is recorded.

use std::collections::HashSet;

use super::connector::Pool;
use super::session::{Session, get};
use super::sql::Value;
use super::tx::Tx;
use super::{Result, directory};
use crate::store::group::{Kept, Transaction};
use crate::{Error, UserId};

const STILL_KNOWN: &str = "SELECT id FROM restante_users WHERE id IN (?) AND `key` IS NOT NULL";

/// The internal ids of a long list's users, sorted.
#[derive(Clone, Debug)]
pub(super) struct LongList {
    ids: Vec<i64>,
    /// How many users had been forgotten before the first was looked up.
    forgotten: i64,
}

impl LongList {
    /// Looks the users up and makes those who are new, a part at a time, each in a transaction of
    /// its own that knows nothing of the clock, so that other senders are not kept waiting.
    pub(super) async fn resolve(
        readers: &Pool,
        users: &[UserId],
        part_size: usize,
    ) -> std::result::Result<Self, Error> {
        let mut list = Self { ids: Vec::with_capacity(users.len()), forgotten: 0 };
        let mut first = None;
        for part in users.chunks(part_size) {
            let keys: Vec<&str> = part.iter().map(UserId::as_str).collect();
            let mut tries = 0;
            let (forgotten, ids) = loop {
                let lent = readers.lend().await?;
                match find_or_make(&lent.session, &keys).await {
                    Ok(found) => break found,
                    Err(error) => readers.again(error, &mut tries)?,
                }
            };
            list.ids.extend(ids);
            list.forgotten = *first.get_or_insert(forgotten);
        }
        list.ids.sort_unstable();
        Ok(list)
    }

    /// The ids without those of users forgotten since they were looked up. Asked in the transaction
    /// that records the list: from then on [`forget`](super::forgetting::forget) sees to it.
    pub(super) async fn still_known(&self, tx: &Tx) -> Result<Vec<i64>> {
        // Looking a million users up takes long, so it is done only when somebody was forgotten.
        if tx.forgotten() == self.forgotten {
            return Ok(self.ids.clone());
        }
        let mut known = HashSet::with_capacity(self.ids.len());
        for part in self.ids.chunks(10_000) {
            for row in tx.session.rows(STILL_KNOWN, &[Value::Numbers(part)]).await? {
                known.insert(get::<i64>(&row, 0)?);
            }
        }
        Ok(self.ids.iter().copied().filter(|id| known.contains(id)).collect())
    }
}

async fn find_or_make(session: &Session, keys: &[&str]) -> Result<(i64, Vec<i64>)> {
    let mut forgotten = None;
    loop {
        let (now, known) = directory::find(session, keys).await?;
        let forgotten = *forgotten.get_or_insert(now);
        if known.len() == keys.len() {
            return Ok((forgotten, known.into_iter().map(|user| user.id).collect()));
        }
        let known: HashSet<&str> = known.iter().map(|user| user.key.as_str()).collect();
        let new: Vec<&str> = keys.iter().copied().filter(|key| !known.contains(key)).collect();
        directory::make(session, &new, Kept::Surely).await?;
    }
}

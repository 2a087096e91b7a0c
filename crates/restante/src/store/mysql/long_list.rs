//! The users of a long list, looked up before the list is recorded.

use std::collections::HashSet;

use super::Result;
use super::connector::Pool;
use super::session::get;
use super::sql::Value;
use super::tx::Tx;
use super::writing::Writing;
use crate::store::group::{LongList, Transaction, find_or_make, not_found};
use crate::{Error, UserId};

const STILL_KNOWN: &str = "SELECT id FROM restante_users WHERE id IN (?) AND `key` IS NOT NULL";

/// Looks the users up and makes those who are new, a part at a time, each in a transaction of its own
/// that knows nothing of the clock, so that other senders are not kept waiting.
pub(super) async fn resolve(
    readers: &Pool,
    users: &[UserId],
    part_size: usize,
) -> std::result::Result<LongList, Error> {
    let mut parts = Vec::new();
    for part in users.chunks(part_size) {
        let keys: Vec<&str> = part.iter().map(UserId::as_str).collect();
        let mut tries = 0;
        let found = loop {
            let lent = readers.lend().await?;
            match find_or_make::<Writing>(&lent.session, &keys).await {
                Ok(found) => break found.ok_or_else(not_found::<Writing>)?,
                Err(error) => readers.again(error, &mut tries)?,
            }
        };
        parts.push(found);
    }
    Ok(LongList::new(parts))
}

/// The ids without those of users forgotten since they were looked up. Asked in the transaction that
/// records the list: from then on [`forget`](super::forgetting::forget) sees to it.
pub(super) async fn still_known(list: &LongList, tx: &Tx) -> Result<Vec<i64>> {
    if list.is_as_it_was(tx.forgotten()) {
        return Ok(list.ids().to_vec());
    }
    let mut known = HashSet::with_capacity(list.ids().len());
    for part in list.ids().chunks(10_000) {
        for row in tx.session.rows(STILL_KNOWN, &[Value::Numbers(part)]).await? {
            known.insert(get::<i64>(&row, 0)?);
        }
    }
    Ok(list.only(&known))
}

//! The users of a long list, looked up before the list is recorded.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::readers::Readers;
use super::session::Session;
use super::tx::Tx;
use super::writing::Writing;
use super::{Result, directory};
use crate::store::group::{LongList, Transaction, find_or_make, not_found};
use crate::{Error, UserId};

const STILL_KNOWN: &str = "SELECT id FROM restante_users WHERE id = ANY ($1) AND key IS NOT NULL";

/// Looks the users up and makes those who are new, a part at a time, each in a transaction of its own
/// that knows nothing of the clock, so that other senders are not kept waiting.
pub(super) async fn resolve(
    readers: &Readers,
    users: &[UserId],
    part_size: usize,
) -> std::result::Result<LongList, Error> {
    let parts = users.chunks(part_size).map(|part| resolve_part(readers, part));
    // Each connection has one of them to do.
    let parts = stream::iter(parts.collect::<Vec<_>>()).buffered(readers.links().len());
    Ok(LongList::new(parts.try_collect().await?))
}

async fn resolve_part(
    readers: &Readers,
    users: &[UserId],
) -> std::result::Result<(i64, Vec<i64>), Error> {
    let keys: Vec<&str> = users.iter().map(UserId::as_str).collect();
    let mut tries = 0;
    loop {
        let session = readers.session().await?;
        match look_up(&session, &keys).await {
            Ok(found) => return found.ok_or_else(not_found::<Writing>),
            Err(error) => readers.again(error, &mut tries)?,
        }
    }
}

async fn look_up(session: &Arc<Session>, keys: &[&str]) -> Result<Option<(i64, Vec<i64>)>> {
    let (forgotten, ids) = directory::ids(session, keys).await?;
    if ids.len() == keys.len() {
        return Ok(Some((forgotten, ids)));
    }
    find_or_make::<Writing>(session, keys).await
}

/// The ids without those of users forgotten since they were looked up. Asked in the transaction that
/// records the list: from then on [`forget`](super::forgetting::forget) sees to it.
pub(super) async fn still_known(list: &LongList, tx: &Tx) -> Result<Vec<i64>> {
    if list.is_as_it_was(tx.forgotten()) {
        return Ok(list.ids().to_vec());
    }
    let mut known = HashSet::with_capacity(list.ids().len());
    for part in list.ids().chunks(10_000) {
        for row in tx.session.query(STILL_KNOWN, &[&part]).await? {
            known.insert(row.try_get::<_, i64>(0)?);
        }
    }
    Ok(list.only(&known))
}

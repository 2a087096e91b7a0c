//! Users' internal ids: finding and making them.

use super::Result;
use super::session::Session;
use crate::store::group::{Kept, Known};

/// Ids alone: of a long list mostly all users are known.
const IDS: &str = "
    SELECT c.forgotten, ARRAY(SELECT u.id FROM restante_users u WHERE u.key = ANY ($1))
    FROM restante_clock c";
const FIND: &str = "
    SELECT c.forgotten, u.id, u.key, u.is_kept FROM restante_clock c
    LEFT JOIN restante_users u ON u.key = ANY ($1)";
/// Sorted: two processes that make the same users in another order would each wait for the other.
/// In a statement, and so a transaction, of its own, which waits for nothing else.
const MAKE: &str = "
    INSERT INTO restante_users(key, is_kept)
    SELECT key, $2 FROM unnest($1::text[]) WITH ORDINALITY new(key, place) ORDER BY place
    ON CONFLICT (key) DO NOTHING";
const KEEP: &str = "UPDATE restante_users SET is_kept = true WHERE id = ANY ($1) AND NOT is_kept";

/// Makes users that may be new. Sorted, none twice.
pub(super) async fn make(session: &Session, keys: &[&str], kept: Kept) -> Result<()> {
    session.execute(MAKE, &[&keys, &(kept == Kept::Surely)]).await.map(|_| ())
}

/// From here on something is kept of these users. In the transaction that holds the clock.
pub(super) async fn keep(session: &Session, ids: &[i64]) -> Result<()> {
    session.execute(KEEP, &[&ids]).await.map(|_| ())
}

/// The ids of those who are known, with how many users had been forgotten by then.
pub(super) async fn ids(session: &Session, keys: &[&str]) -> Result<(i64, Vec<i64>)> {
    let row = session.query_one(IDS, &[&keys]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Those who are known, with how many had been forgotten by then.
pub(super) async fn find(session: &Session, keys: &[&str]) -> Result<(i64, Vec<Known>)> {
    let (mut forgotten, mut known) = (0, Vec::with_capacity(keys.len()));
    for row in session.query(FIND, &[&keys]).await? {
        forgotten = row.try_get(0)?;
        if let Some(id) = row.try_get(1)? {
            known.push(Known { id, key: row.try_get(2)?, is_kept: row.try_get(3)? });
        }
    }
    Ok((forgotten, known))
}

//! Users' internal ids: finding and making them.

use std::time::Duration;

use super::session::{Session, get};
use super::sql::{Value, sql};
use super::{Result, failure};
use crate::store::group::{Kept, Known, Verdict};

/// The number of users forgotten is read first: at worst it is too old for the ids, and they are
/// looked up again.
const FIND: &str = "
    SELECT forgotten FROM restante_clock;
    SELECT id, `key`, is_kept FROM restante_users WHERE `key` IN (?)";
/// `IGNORE` takes a lock on the keys alone where a user is there already; `ON DUPLICATE KEY UPDATE`
/// would wait for whoever changes that user, with the clock in hand.
const MAKE: &str = "INSERT IGNORE INTO restante_users(`key`, is_kept) VALUES";
const KEEP: &str = "UPDATE restante_users SET is_kept = 1 WHERE id IN (?) AND is_kept = 0";

/// Most users that are looked for or made by one statement.
const AT_ONCE: usize = 2_000;
/// How often users are made again after others got into the way.
const TRIES: u32 = 8;

/// Makes users that may be new. Sorted, none twice: two processes that make the same users in another
/// order would each wait for the other. Even so two that wait for a third which goes back can: one of
/// them is undone and tries again.
pub(super) async fn make(session: &Session, keys: &[&str], kept: Kept) -> Result<()> {
    for keys in keys.chunks(AT_ONCE) {
        let mut insert = sql(MAKE, &[]);
        for (place, key) in keys.iter().enumerate() {
            let is_kept = Value::from(kept == Kept::Surely);
            insert.row(place == 0, &[Value::Bytes(key.as_bytes()), is_kept]);
        }
        let mut tries = 1;
        while let Err(error) = session.execute_all(&insert).await {
            if tries == TRIES || failure::verdict(&error) != Verdict::Crossed {
                return Err(error);
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(fastrand::u64(..10))).await;
        }
    }
    Ok(())
}

/// From here on something is kept of these users. In the transaction that holds the clock.
pub(super) async fn keep(session: &Session, ids: &[i64]) -> Result<()> {
    session.execute(KEEP, &[Value::Numbers(ids)]).await.map(|_| ())
}

/// Those who are known, with how many had been forgotten by then.
pub(super) async fn find(session: &Session, keys: &[&str]) -> Result<(i64, Vec<Known>)> {
    let (mut forgotten, mut known) = (None, Vec::with_capacity(keys.len()));
    for keys in keys.chunks(AT_ONCE) {
        for answer in session.ask(&sql(FIND, &[Value::Keys(keys)])).await? {
            for row in answer.rows {
                if row.len() == 1 {
                    let now = get(&row, 0)?;
                    forgotten.get_or_insert(now);
                } else {
                    known.push(Known {
                        id: get(&row, 0)?,
                        key: get(&row, 1)?,
                        is_kept: get(&row, 2)?,
                    });
                }
            }
        }
    }
    Ok((forgotten.unwrap_or(0), known))
}

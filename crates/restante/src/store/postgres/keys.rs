//! Idempotency keys in their table.

use super::Result;
use super::session::Session;
use crate::store::group::{Used, UsedKeys};
use crate::store::user_list;

const FIND: &str = "
    SELECT k.sender, k.key, k.hash, k.message, k.recipients, k.at
    FROM unnest($1::text[], $2::text[]) asked(sender, key)
    JOIN restante_keys k ON k.sender = asked.sender AND k.key = asked.key";
/// An ended key that is not swept yet is replaced.
pub(super) const PUT: &str = "
    INSERT INTO restante_keys(sender, key, hash, message, recipients, at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::bigint[],
                         $6::bigint[])
    ON CONFLICT (sender, key) DO UPDATE SET hash = excluded.hash, message = excluded.message,
    recipients = excluded.recipients, at = excluded.at";
const WAITING: &str = "SELECT users FROM restante_parts WHERE message = $1 AND position IS NULL";

/// What these keys, each with its sender, were used for.
pub(super) async fn load(session: &Session, asked: &[(&str, &str)]) -> Result<UsedKeys> {
    let mut keys = UsedKeys::default();
    if asked.is_empty() {
        return Ok(keys);
    }
    let (senders, names): (Vec<&str>, Vec<&str>) = asked.iter().copied().unzip();
    for row in session.query(FIND, &[&senders, &names]).await? {
        let used = Used {
            hash: row.try_get(2)?,
            message: row.try_get(3)?,
            recipients: row.try_get(4)?,
            at: row.try_get(5)?,
        };
        keys.know(row.try_get(0)?, row.try_get(1)?, used);
    }
    Ok(keys)
}

/// Writes those that were put.
pub(super) async fn write(session: &Session, keys: &mut UsedKeys) -> Result<()> {
    let new = keys.take_new();
    if new.is_empty() {
        return Ok(());
    }
    let senders: Vec<&str> = new.iter().map(|(sender, ..)| sender.as_str()).collect();
    let names: Vec<&str> = new.iter().map(|(_, key, _)| key.as_str()).collect();
    let hashes: Vec<&[u8]> = new.iter().map(|(.., used)| used.hash.as_slice()).collect();
    let messages: Vec<i64> = new.iter().map(|(.., used)| used.message).collect();
    let recipients: Vec<i64> = new.iter().map(|(.., used)| used.recipients).collect();
    let at: Vec<i64> = new.iter().map(|(.., used)| used.at).collect();
    let values: super::session::Parameters<'_> =
        &[&senders, &names, &hashes, &messages, &recipients, &at];
    session.execute(PUT, values).await.map(|_| ())
}

/// How many recipients of a long list still wait.
pub(super) async fn waiting(session: &Session, message: i64) -> Result<u64> {
    let mut waiting = 0;
    for row in session.query(WAITING, &[&message]).await? {
        waiting += user_list::decode(row.try_get(0)?).len() as u64;
    }
    Ok(waiting)
}

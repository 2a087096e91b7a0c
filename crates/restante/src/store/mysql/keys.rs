//! Idempotency keys in their table.

use super::Result;
use super::session::{Session, get};
use super::sql::{Sql, Value, sql};
use crate::store::group::{Used, UsedKeys};
use crate::store::user_list;

/// Written as OR: of a comparison of rows only the first column of the index would be used.
const FIND: &str = "
    SELECT sender, `key`, hash, message, recipients, at FROM restante_keys WHERE";
const ONE: &str = " (sender = ? AND `key` = ?)";
const PUT: &str = "INSERT INTO restante_keys(sender, `key`, hash, message, recipients, at) VALUES";
/// An ended key that is not swept yet is replaced.
const OR_REPLACE: &str = "
    ON DUPLICATE KEY UPDATE hash = VALUES(hash), message = VALUES(message),
    recipients = VALUES(recipients), at = VALUES(at)";
const WAITING: &str = "SELECT users FROM restante_parts WHERE message = ? AND position IS NULL";

/// Most keys that are looked for at once.
const SOUGHT: usize = 200;

/// What these keys, each with its sender, were used for.
pub(super) async fn load(session: &Session, asked: &[(&str, &str)]) -> Result<UsedKeys> {
    let mut keys = UsedKeys::default();
    for asked in asked.chunks(SOUGHT) {
        let mut find = sql(FIND, &[]);
        for (place, (sender, key)) in asked.iter().enumerate() {
            let values = [Value::Bytes(sender.as_bytes()), Value::Bytes(key.as_bytes())];
            find = find.end(if place == 0 { "" } else { " OR" }).end_with(&sql(ONE, &values));
        }
        for row in session.ask(&find).await?.into_iter().flat_map(|answer| answer.rows) {
            let used = Used {
                hash: get(&row, 2)?,
                message: get(&row, 3)?,
                recipients: get(&row, 4)?,
                at: get(&row, 5)?,
            };
            keys.know(get(&row, 0)?, get(&row, 1)?, used);
        }
    }
    Ok(keys)
}

/// The statement that writes those that were put.
pub(super) fn put(keys: &mut UsedKeys) -> Option<Sql> {
    let new = keys.take_new();
    let mut insert = sql(PUT, &[]);
    for (place, (sender, key, used)) in new.iter().enumerate() {
        let values = [
            Value::Bytes(sender.as_bytes()),
            Value::Bytes(key.as_bytes()),
            Value::Bytes(&used.hash),
            used.message.into(),
            used.recipients.into(),
            used.at.into(),
        ];
        insert.row(place == 0, &values);
    }
    (!new.is_empty()).then(|| insert.end(OR_REPLACE))
}

/// How many recipients of a long list still wait.
pub(super) async fn waiting(session: &Session, message: i64) -> Result<u64> {
    let mut waiting = 0;
    for row in session.rows(WAITING, &[message.into()]).await? {
        waiting += user_list::decode(&get::<Vec<u8>>(&row, 0)?).len() as u64;
    }
    Ok(waiting)
}

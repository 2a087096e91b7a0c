//! The outbox: a list into which any program pushes messages as JSON.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value as Json;

use super::reply;
use super::script::{PEEK, REFUSE};
use super::store::RedisStore;
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::{Expiry, NewMessage, OutboxRow, Relayed, RelayedMessage, Sent};
use crate::{Error, UserId};

impl RedisStore {
    /// Sends up to `limit` rows from the head of the list, in their order. Each leaves it in the
    /// script that sends it; one that breaks a rule leaves it for those that are kept with their
    /// error.
    pub(super) async fn relay_rows(
        &self,
        now: SystemTime,
        expiry: Expiry,
        limit: usize,
    ) -> Result<Relayed, Error> {
        let mut call = PEEK.call(&[self.shards.first(), self.shards.outbox()]);
        call.arg(limit);
        let [head, rows] = reply::members(self.link.run(&PEEK, call).await?)?;
        let (head, rows) = (reply::number(&head)?, reply::array(rows)?);
        if self.shards.are_several() && !rows.is_empty() {
            // In order: first what an earlier relay could not hand over.
            self.hand_over_waiting(to_millis(now)).await?;
        }
        let mut relayed = Relayed { more: rows.len() == limit, ..Relayed::default() };
        for (outbox_id, row) in (head + 1..).zip(&rows) {
            let row = reply::bytes(row);
            let attempt = match parse(row).and_then(|row| row.prepare(now, expiry)) {
                Ok((message, user)) => {
                    let sent = self.relay_one(now, &message, user.as_ref(), (outbox_id, row)).await;
                    sent.map(|sent| (sent, message, user))
                }
                Err(error) => Err(error),
            };
            match attempt {
                Ok((Some(sent), message, user)) => {
                    let message = Arc::clone(message.message());
                    relayed.messages.push(RelayedMessage { outbox_id, sent, user, message });
                }
                // Another process relayed it. What comes behind is still to be looked at.
                Ok((None, ..)) => relayed.more = true,
                Err(error) if error.is_invalid() || error.is_too_large() || error.is_conflict() => {
                    let mut call = REFUSE.call(&[self.shards.first(), self.shards.outbox()]);
                    call.arg(outbox_id).arg(row).arg(to_millis(now)).arg(error.to_string());
                    let refused = self.link.write(&REFUSE, call).await?;
                    relayed.refused += reply::count(&refused)?;
                }
                // What was sent so far must be told; the next call meets the fault again.
                Err(_) if !relayed.messages.is_empty() => {
                    relayed.more = true;
                    return Ok(relayed);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(relayed)
    }

    async fn relay_one(
        &self,
        now: SystemTime,
        message: &NewMessage,
        user: Option<&UserId>,
        row: (i64, &[u8]),
    ) -> Result<Option<Sent>, Error> {
        let now = to_millis(now);
        match user {
            Some(user) => {
                let to = Recipients::from(user.clone());
                self.send_list(now, message, to.as_slice(), Some(row)).await
            }
            None => self.send_to_everyone(now, message, false, Some(row)).await,
        }
    }
}

/// A row as another program left it: a JSON object with the columns of the SQL stores' table.
/// Anything may be in there.
fn parse(row: &[u8]) -> Result<OutboxRow, Error> {
    let refused = |what: &'static str| Error::invalid("row", what);
    let Ok(Json::Object(mut row)) = serde_json::from_slice(row) else {
        return Err(refused("must be a JSON object"));
    };
    let mut text = |field: &'static str| match row.remove(field) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(Json::Number(number)) if number.is_i64() => Ok(Some(number.to_string())),
        Some(_) => Err(Error::invalid(field, "must be text")),
    };
    let (recipient, message) = (text("recipient")?, text("message")?);
    let (tags, url, key) = (text("tags")?, text("url")?, text("key")?);
    let data = row.remove("data").filter(|data| !data.is_null()).map(|data| match data {
        // As in SQL: JSON in a text. Any other value stands for itself.
        Json::String(json) => json,
        value => value.to_string(),
    });
    let mut number = |field: &'static str| match row.remove(field) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => match value.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(Error::invalid(field, "must be an integer")),
        },
    };
    let defaults = OutboxRow::new("", "");
    let row = OutboxRow {
        recipient: recipient.unwrap_or_default(),
        message: message.unwrap_or_default(),
        level: number("level")?.unwrap_or(defaults.level),
        tags: tags.unwrap_or_default(),
        url,
        data,
        expires_at: number("expires_at")?,
        key,
    };
    Ok(row)
}

/// What a row says, to be handed out to its recipient, whatever else it is.
pub(super) fn text_of(row: &[u8]) -> String {
    match parse(row) {
        Ok(row) => row.message,
        Err(_) => match serde_json::from_slice::<Json>(row) {
            Ok(row) => row.get("message").map_or_else(String::new, |text| match text {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            }),
            Err(_) => String::from_utf8_lossy(row).into_owned(),
        },
    }
}

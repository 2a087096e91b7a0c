//! What senders see of what they sent, and the log that followers read.

use std::sync::Arc;

use redis::Value;

use super::body::{self, Body, Kind, Record};
use super::reply;
use super::script::{CROWD, ENTRIES, LOG, MESSAGE, PART, READERS, SENT};
use super::sending::split;
use super::store::RedisStore;
use crate::clock::from_millis;
use crate::store::{Followed, Receipts, SentFilter, SentPage};
use crate::{Error, MessageId};

/// How many users one script looks at.
const USERS_AT_ONCE: usize = 500;

impl RedisStore {
    pub(super) async fn sent_page(&self, now: i64, filter: &SentFilter) -> Result<SentPage, Error> {
        let mut call = SENT.call(&[self.shards.first()]);
        call.arg(now);
        match filter.after {
            Some(after) => call.arg(format!("({}", after.value())),
            None => call.arg("+inf"),
        };
        call.arg(filter.limit + 1).arg(u8::from(filter.sender.is_some()));
        call.arg(filter.sender.as_deref().unwrap_or_default());
        let mut messages = Vec::new();
        for one in reply::array(self.link.run(&SENT, call).await?)? {
            let [id, record, body] = reply::members(one)?;
            let body = body::decode(reply::bytes(&body))?;
            let record = Record::decode(&reply::text(record)?)?;
            messages.push(record.sent(reply::number(&id)?, &body));
        }
        let has_next = messages.len() > filter.limit;
        messages.truncate(filter.limit);
        let next = if has_next { messages.last().map(|message| message.id) } else { None };
        Ok(SentPage { messages, next })
    }

    pub(super) async fn figures(
        &self,
        now: i64,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error> {
        // Whoever is being forgotten counts with the message's own figures.
        self.finish_forgetting().await?;
        let mut call = MESSAGE.call(&[self.shards.first()]);
        call.arg(id.value());
        let found = self.link.run(&MESSAGE, call).await?;
        if matches!(found, Value::Nil) {
            return Ok(None);
        }
        let [record, body, gone_delivered, gone_read, parts] = reply::members(found)?;
        let record = Record::decode(&reply::text(record)?)?;
        if record.expires_at <= now || sender.is_some_and(|sender| sender != record.sender) {
            return Ok(None);
        }
        let body = body::decode(reply::bytes(&body))?;
        let sent = record.sent(id.value(), &body);
        if record.retracted_at.is_some() {
            let delivered = sent.recipients.map(|_| 0);
            return Ok(Some(Receipts { sent, delivered, read: 0 }));
        }
        if let Kind::Everyone { newcomers } = record.kind {
            let read = self.crowd(id, newcomers, &body).await?;
            return Ok(Some(Receipts { sent, delivered: None, read }));
        }
        let mut delivered = reply::count(&gone_delivered)?;
        let mut read = reply::count(&gone_read)?;
        for (number, position) in reply::array(parts)?.iter().enumerate() {
            let users = self.users_of(id.value(), number).await?;
            delivered += users.len() as u64;
            for some in users.chunks(USERS_AT_ONCE) {
                let mut call = READERS.call(&[self.shards.first()]);
                call.arg(reply::number(position)?).arg(body.until);
                for user in some {
                    call.arg(user.as_str());
                }
                read += reply::count(&self.link.run(&READERS, call).await?)?;
            }
        }
        Ok(Some(Receipts { sent, delivered: Some(delivered), read }))
    }

    async fn users_of(&self, id: i64, part: usize) -> Result<Vec<crate::UserId>, Error> {
        let mut call = PART.call(&[self.shards.first()]);
        call.arg(id).arg(part);
        split(&reply::text(self.link.run(&PART, call).await?)?)
    }

    /// How many have read a broadcast: those who marked all, and those with a state of their own.
    async fn crowd(&self, id: MessageId, newcomers: bool, body: &Body) -> Result<u64, Error> {
        let (mut from, mut scan, mut read, mut gone) = (0, "0".to_owned(), 0, 0);
        loop {
            let mut call = CROWD.call(&[self.shards.first()]);
            call.arg(id.value()).arg(body.until).arg(body.sent_at).arg(u8::from(newcomers));
            call.arg(from).arg(from + USERS_AT_ONCE - 1).arg(&scan);
            let [marked, readers, next, forgotten] =
                reply::members(self.link.run(&CROWD, call).await?)?;
            let marked = reply::count(&marked)?;
            read += reply::count(&readers)?;
            gone = gone.max(reply::count(&forgotten)?);
            scan = reply::text(next)?;
            if marked < USERS_AT_ONCE as u64 && scan.is_empty() {
                return Ok(read + gone);
            }
            from += USERS_AT_ONCE;
        }
    }

    pub(super) async fn log(
        &self,
        now: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        self.finish_forgetting().await?;
        let mut found = Vec::new();
        let mut after = after;
        // Expired entries are in the log until they are swept.
        while found.len() < limit {
            let want = (limit - found.len()).max(20);
            let mut call = LOG.call(&[self.shards.first()]);
            call.arg(after).arg(want);
            let entries = reply::array(self.link.run(&LOG, call).await?)?;
            let is_last = entries.len() < 2 * want;
            let mut call = ENTRIES.call(&[self.shards.first()]);
            call.arg(now);
            let mut positions = Vec::with_capacity(want);
            for pair in entries.chunks_exact(2) {
                after = reply::number(&pair[1])?;
                positions.push(after);
                call.arg(reply::bytes(&pair[0]));
            }
            if !positions.is_empty() {
                let answer = reply::array(self.link.run(&ENTRIES, call).await?)?;
                for (position, entry) in positions.into_iter().zip(answer) {
                    found.extend(followed(position, entry)?);
                }
            }
            if is_last {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}

fn followed(position: i64, entry: Value) -> Result<Option<Followed>, Error> {
    if matches!(entry, Value::Nil) {
        return Ok(None);
    }
    let [id, sender, body, users] = reply::members(entry)?;
    let body = body::decode(reply::bytes(&body))?;
    let users = reply::optional_text(users)?.map(|users| split(&users)).transpose()?;
    Ok(Some(Followed {
        position,
        id: MessageId::new(reply::number(&id)?),
        sender: reply::text(sender)?,
        message: Arc::clone(&body.message),
        date: from_millis(body.sent_at),
        users,
    }))
}

//! What senders see of what they sent.

use futures_util::future::try_join_all;
use redis::Value;

use super::body::{self, Body, Kind, Record};
use super::reply;
use super::script::{CROWD, MESSAGE, PART, PART_FIGURES, READERS, SENT};
use super::sending::split;
use super::store::RedisStore;
use crate::store::{Receipts, SentFilter, SentPage};
use crate::{Error, MessageId, UserId};

/// How many users one script looks at.
const USERS_AT_ONCE: usize = 500;
/// How many shares of parts are asked for at the same time.
const GROUPS_AT_ONCE: usize = 64;

impl RedisStore {
    pub(super) async fn sent_page(&self, now: i64, filter: &SentFilter) -> Result<SentPage, Error> {
        let of_shard = |shard| async move {
            let mut call = SENT.call(&[self.shards.clock(shard)]);
            call.arg(now);
            match filter.after {
                Some(after) => call.arg(format!("({}", after.value())),
                None => call.arg("+inf"),
            };
            call.arg(filter.limit + 1).arg(u8::from(filter.sender.is_some()));
            call.arg(filter.sender.as_deref().unwrap_or_default());
            reply::array(self.link.run(&SENT, call).await?)
        };
        let mut messages = Vec::new();
        for one in self.of_all(of_shard).await?.into_iter().flatten() {
            let [id, record, body] = reply::members(one)?;
            let body = body::decode(reply::bytes(&body))?;
            let record = Record::decode(&reply::text(record)?)?;
            messages.push(record.sent(reply::number(&id)?, &body));
        }
        messages.sort_unstable_by_key(|message| std::cmp::Reverse(message.id));
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
        let clock = self.shards.clock(self.shards.of_position(id.value()));
        let mut call = MESSAGE.call(&[clock]);
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
        let parts = reply::array(parts)?;
        if matches!(record.kind, Kind::Divided | Kind::LongDivided) {
            for some in parts.chunks(GROUPS_AT_ONCE) {
                let figures = some.iter().map(|group| self.part_figures(group, body.until));
                for (delivered_there, read_there) in try_join_all(figures).await? {
                    delivered += delivered_there;
                    read += read_there;
                }
            }
            // Who is forgotten between two steps of a delivery is counted in one place only.
            let delivered = Some(delivered.min(record.total));
            return Ok(Some(Receipts { sent, delivered, read }));
        }
        for (number, position) in parts.iter().enumerate() {
            let users = self.users_of(clock, id.value(), number).await?;
            delivered += users.len() as u64;
            for some in users.chunks(USERS_AT_ONCE) {
                let mut call = READERS.call(&[clock]);
                call.arg(reply::number(position)?).arg(body.until);
                for user in some {
                    call.arg(user.as_str());
                }
                read += reply::count(&self.link.run(&READERS, call).await?)?;
            }
        }
        Ok(Some(Receipts { sent, delivered: Some(delivered), read }))
    }

    /// To how many one shard's share of a part was delivered, and how many have read it.
    async fn part_figures(&self, group: &Value, until: i64) -> Result<(u64, u64), Error> {
        let [shard, position] = reply::members(group.clone())?;
        let Some(position) = reply::optional_number(&position)? else { return Ok((0, 0)) };
        let mut call = PART_FIGURES.call(&[self.shards.clock(self.shards.numbered(&shard)?)]);
        call.arg(position).arg(until);
        let [delivered, read] = reply::members(self.link.run(&PART_FIGURES, call).await?)?;
        Ok((reply::count(&delivered)?, reply::count(&read)?))
    }

    async fn users_of(&self, clock: &str, id: i64, part: usize) -> Result<Vec<UserId>, Error> {
        let mut call = PART.call(&[clock]);
        call.arg(id).arg(part);
        split(&reply::text(self.link.run(&PART, call).await?)?)
    }

    /// How many have read a broadcast: those who marked all, and those with a state of their own.
    async fn crowd(&self, id: MessageId, newcomers: bool, body: &Body) -> Result<u64, Error> {
        let of_shard = |shard| self.crowd_in(shard, id, newcomers, body);
        Ok(self.of_all(of_shard).await?.into_iter().sum())
    }

    async fn crowd_in(
        &self,
        shard: usize,
        id: MessageId,
        newcomers: bool,
        body: &Body,
    ) -> Result<u64, Error> {
        let (mut from, mut scan, mut read, mut gone) = (0, "0".to_owned(), 0, 0);
        loop {
            let mut call = CROWD.call(&[self.shards.clock(shard)]);
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
}

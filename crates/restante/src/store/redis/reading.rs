//! A user's pages, counts, single items and export.

use redis::Value;

use super::body;
use super::broadcasts::Broadcasts;
use super::inboxes::Question;
use super::reply;
use super::script::{GET, LEFT, PAGE};
use super::store::RedisStore;
use super::user_page::{self, UserPage, own_row, own_state};
use crate::clock::from_millis;
use crate::store::state::{Mark, Row, State, is_eligible};
use crate::store::{Export, ExportedItem};
use crate::{Count, Cursor, Error, Filter, Item, ItemId, Page, UserId, View, limits};

/// What a page is asked for.
struct Ask<'a> {
    view: &'a str,
    below: Option<i64>,
    want: usize,
}

impl RedisStore {
    async fn user_page(
        &self,
        now: i64,
        user: &UserId,
        ask: Ask<'_>,
    ) -> Result<(UserPage, std::sync::Arc<Broadcasts>), Error> {
        // An ordinary page or count, which is most of what is asked for.
        if matches!(ask.view, "u" | "c")
            && ask.below.is_none()
            && ask.want <= 101
            && let Some(page) = self.first_page(now, user, ask.want).await?
        {
            let broadcasts = self.broadcasts.of(page.version, &self.link, &self.shards).await?;
            return Ok((page, broadcasts));
        }
        let mut call = PAGE.call(&[self.shard_of(user)]);
        call.arg(user.as_str()).arg(now).arg(ask.view);
        match ask.below {
            Some(below) => call.arg(below),
            None => call.arg(""),
        };
        call.arg(ask.want).arg("0");
        let page = UserPage::decode(&self.link.run(&PAGE, call).await?)?;
        let broadcasts = self.broadcasts.of(page.version, &self.link, &self.shards).await?;
        Ok((page, broadcasts))
    }

    /// With others who ask at the same time; alone where their shards are many, so that nobody waits
    /// for the master of another.
    async fn first_page(
        &self,
        now: i64,
        user: &UserId,
        want: usize,
    ) -> Result<Option<UserPage>, Error> {
        let question = || Question { now, user: user.clone(), want };
        if self.shards.are_several() {
            return self.inboxes.ask_alone(question()).await;
        }
        self.inboxes.ask(question).await
    }

    pub(super) async fn page(
        &self,
        now: i64,
        user: &UserId,
        filter: &Filter,
    ) -> Result<Page, Error> {
        let is_filtered = filter.is_selective();
        let most = if is_filtered { limits::SCANNED_ITEMS } else { filter.limit };
        let below = filter.after.map(Cursor::position);
        let view = if filter.view == View::Unread { "u" } else { "a" };
        // One more tells whether there is a next page.
        let ask = Ask { view, below, want: most + 1 };
        let (user, broadcasts) = self.user_page(now, user, ask).await?;
        let broadcasts = broadcasts.at(user.version);
        let mut unread = user.count;
        // Newest first, and no more than the page can have: there may be thousands.
        let mut everyone = Vec::with_capacity(broadcasts.len().min(most + 1));
        for (row, broadcast) in user.rows(now, broadcasts).rev() {
            let is_unread = user.is_unread(now, &row);
            unread += u64::from(is_unread);
            let is_listed = match filter.view {
                View::Unread => is_unread,
                View::Archive => row.state != State::Dismissed,
            };
            let is_below = below.is_none_or(|below| row.position < below);
            if is_listed && is_below && everyone.len() <= most {
                everyone.push((row, &broadcast.body));
            }
        }
        let as_of = filter.after.map_or_else(|| user.as_of(broadcasts), Cursor::as_of);
        let there = filter.limit.min(user.items.len() + everyone.len());
        let mut page = Page { items: Vec::with_capacity(there), next: None, unread, as_of };
        let mut personal = user.items.iter().map(|(row, body)| (*row, body)).peekable();
        let mut everyone = everyone.into_iter().peekable();
        let (matcher, mut scanned, mut last) = (filter.matcher(), 0, i64::MAX);
        loop {
            let newer = |(row, _): &(Row, _)| row.position;
            let take_personal = personal.peek().map(newer) > everyone.peek().map(newer);
            let next = if take_personal { personal.next() } else { everyone.next() };
            let Some((row, body)) = next else { break };
            if page.items.len() == filter.limit || scanned == most {
                page.next = Some(Cursor::new(last, as_of));
                break;
            }
            scanned += 1;
            last = row.position;
            if matcher.matches(&body.message) {
                page.items.push(user.item(now, &row, body));
            }
        }
        Ok(page)
    }

    pub(super) async fn count_unread(&self, now: i64, user: &UserId) -> Result<Count, Error> {
        let ask = Ask { view: "c", below: None, want: 0 };
        let (user, broadcasts) = self.user_page(now, user, ask).await?;
        let broadcasts = broadcasts.at(user.version);
        let everyone = user.rows(now, broadcasts).filter(|(row, _)| user.is_unread(now, row));
        Ok(Count { unread: user.count + everyone.count() as u64, as_of: user.as_of(broadcasts) })
    }

    pub(super) async fn find(
        &self,
        now: i64,
        user: &UserId,
        id: ItemId,
    ) -> Result<Option<Item>, Error> {
        let mut call = GET.call(&[self.shard_of(user)]);
        call.arg(user.as_str()).arg(id.value()).arg(u8::from(id.is_broadcast()));
        let found = self.link.run(&GET, call).await?;
        if matches!(found, Value::Nil) {
            return Ok(None);
        }
        if id.is_broadcast() {
            return self.find_broadcast(now, id, found).await;
        }
        let [state, through, at, body] = reply::members(found)?;
        if reply::bytes(&body).is_empty() {
            return Ok(None);
        }
        let body = body::decode(reply::bytes(&body))?;
        let state = State::from_number(reply::number(&state)?).unwrap_or(State::New);
        let at = reply::optional_number(&at)?;
        let until = if state == State::Kept { body.expires_at } else { body.until };
        let row = Row { position: id.value(), state, until, at };
        let mark = |position| at.map(|at| Mark { position, at });
        let through = reply::number(&through)?;
        let is_live = body.expires_at > now;
        Ok(is_live.then(|| user_page::item(now, &row, through, mark, &body)))
    }

    async fn find_broadcast(
        &self,
        now: i64,
        id: ItemId,
        found: Value,
    ) -> Result<Option<Item>, Error> {
        let [version, through, joined, own, at] = reply::members(found)?;
        let version = reply::number(&version)?;
        let broadcasts = self.broadcasts.of(version, &self.link, &self.shards).await?;
        let broadcast = broadcasts.find(id.value()).filter(|one| one.version <= version);
        let Some(broadcast) = broadcast else { return Ok(None) };
        let body = &broadcast.body;
        let joined = reply::optional_number(&joined)?;
        let row = match own_state(reply::bytes(&own)) {
            Some((state, at)) => own_row(id.value(), state, at, body),
            None => Row::new(id.value(), body.until),
        };
        let is_visible = row.state != State::Dismissed
            && body.expires_at > now
            && is_eligible(broadcast.newcomers, body.sent_at, joined);
        let at = reply::optional_number(&at)?;
        let mark = |position| at.map(|at| Mark { position, at });
        let through = reply::number(&through)?;
        Ok(is_visible.then(|| user_page::item(now, &row, through, mark, body)))
    }

    pub(super) async fn hand_out(&self, now: i64, user: &UserId) -> Result<Export, Error> {
        let ask = Ask { view: "x", below: None, want: 1 << 30 };
        let (page, broadcasts) = self.user_page(now, user, ask).await?;
        let personal = page.items.iter().map(|(row, body)| (*row, body));
        let everyone = page.rows(now, broadcasts.at(page.version));
        let all = personal.chain(everyone.map(|(row, broadcast)| (row, &broadcast.body)));
        let mut items: Vec<_> = all
            .map(|(row, body)| ExportedItem {
                item: page.item(now, &row, body),
                dismissed: row.state == State::Dismissed,
            })
            .collect();
        items.sort_unstable_by_key(|exported| std::cmp::Reverse(exported.item.id));
        let tokens_ended_at = self.tokens_ended(user).await?;
        let mut call = LEFT.call(&[self.shards.first(), self.shards.outbox()]);
        call.arg(user.as_str());
        let mut outbox = Vec::new();
        for row in reply::array(self.link.run(&LEFT, call).await?)? {
            outbox.push(super::relaying::text_of(reply::bytes(&row)));
        }
        let joined = page.joined.map(from_millis);
        Ok(Export { user: user.clone(), joined, items, tokens_ended_at, outbox })
    }
}

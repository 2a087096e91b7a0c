//! The contract, each operation by the module that knows how.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;

use super::session::{Session, get};
use super::sql::key;
use super::store::{aside, read};
use super::tx::Tx;
use super::{
    MysqlStore, NAME, failure, following, forgetting, marking, reading, relaying, retracting,
    senders, sending, sweeping, watching,
};
use crate::clock::to_millis;
use crate::recipients::Recipients;
use crate::store::group::{SendTo, Subject};
use crate::store::{
    Changes, Delivered, Expiry, Export, Followed, NewMessage, Receipts, Relayed, Sent, SentFilter,
    SentPage, Store, Swept, paging,
};
use crate::{AsOf, Count, Error, Filter, Item, ItemId, MessageId, Page, UserId};

#[async_trait]
impl Store for MysqlStore {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(
        &self,
        now: SystemTime,
        message: &NewMessage,
        to: &Recipients,
    ) -> Result<Sent, Error> {
        if to.as_slice().len() <= self.inner.part_size {
            return self.inner.writer.send(now, message, SendTo::Few(to.clone())).await;
        }
        self.send_long(now, message, to).await
    }

    async fn broadcast(
        &self,
        now: SystemTime,
        message: &NewMessage,
        newcomers: bool,
    ) -> Result<Sent, Error> {
        self.inner.writer.send(now, message, SendTo::Everyone { newcomers }).await
    }

    async fn deliver(&self, now: SystemTime, name_users: bool) -> Result<Option<Delivered>, Error> {
        if !self.has(sending::HAS_WAITING, &[]).await? {
            return Ok(None);
        }
        let now = to_millis(now);
        let deliver =
            move |tx: Arc<Tx>| async move { sending::deliver(&tx, now, name_users).await };
        self.write(Subject::Store, deliver).await
    }

    async fn relay(&self, now: SystemTime, expiry: Expiry, limit: usize) -> Result<Relayed, Error> {
        if !self.has(relaying::HAS_FRESH, &[]).await? {
            return Ok(Relayed::default());
        }
        read!(self, session => relaying::make_recipients(session, limit))?;
        let relay =
            move |tx: Arc<Tx>| async move { relaying::relay(&tx, now, expiry, limit).await };
        self.write(Subject::Store, relay).await
    }

    async fn list(&self, now: SystemTime, user: &UserId, filter: &Filter) -> Result<Page, Error> {
        let (now, views) = (to_millis(now), &self.inner.views);
        if !filter.is_selective() {
            let look = async |session: &Session| {
                let asked = paging::asked(now, user, filter);
                match reading::ask(session, views, asked).await? {
                    Some((answer, view)) => {
                        reading::page(session, now, filter, answer, &view).await.map(Some)
                    }
                    None => Ok(None),
                }
            };
            if let Some(page) = read!(self, session => look(session))? {
                return Ok(page);
            }
        }
        aside!(self, session => reading::search(session, views, now, user, filter))
    }

    async fn count(&self, now: SystemTime, user: &UserId) -> Result<Count, Error> {
        let (now, views) = (to_millis(now), &self.inner.views);
        let filter = Filter { limit: 0, ..Filter::default() };
        let asked = paging::Ask { at_most: 0, ..paging::asked(now, user, &filter) };
        let answer = read!(self, session => reading::ask(session, views, asked))?;
        if let Some((answer, view)) = answer {
            return Ok(paging::count(now, &answer, &view));
        }
        let page = aside!(self, session => reading::search(session, views, now, user, &filter))?;
        Ok(Count { unread: page.unread, as_of: page.as_of })
    }

    async fn get(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<Option<Item>, Error> {
        self.get_at(to_millis(now), user, id).await
    }

    async fn mark_read(
        &self,
        now: SystemTime,
        user: &UserId,
        ids: &[ItemId],
    ) -> Result<u64, Error> {
        let (now, user, ids) = (to_millis(now), user.clone(), ids.to_vec());
        self.make_reader(now, &user, &ids).await?;
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let (user, ids) = (user.clone(), ids.clone());
            async move { marking::mark_read(&tx, now, &user, &ids).await }
        })
        .await
    }

    async fn mark_unread(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.make_reader(now, &user, &[id]).await?;
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::mark_unread(&tx, now, &user, id).await }
        })
        .await
    }

    async fn mark_all_read(
        &self,
        now: SystemTime,
        user: &UserId,
        as_of: &AsOf,
    ) -> Result<bool, Error> {
        let (now, user, as_of) = (to_millis(now), user.clone(), *as_of);
        if !self.has(marking::IS_KNOWN, &[key(&user)]).await? {
            let newest = read!(self, session => session.row(marking::NEWEST_BROADCAST, &[]))?;
            let newest: i64 = newest.map_or(Ok(0), |row| get(&row, 0)).map_err(failure::error)?;
            if as_of.personal().max(as_of.broadcast()).min(newest) <= 0 {
                return Ok(false);
            }
            self.make_user(&user).await?;
        }
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::mark_all_read(&tx, now, &user, as_of).await }
        })
        .await
    }

    async fn dismiss(&self, now: SystemTime, user: &UserId, id: ItemId) -> Result<bool, Error> {
        let (now, user) = (to_millis(now), user.clone());
        self.make_reader(now, &user, &[id]).await?;
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::dismiss(&tx, now, &user, id).await }
        })
        .await
    }

    async fn join(
        &self,
        _now: SystemTime,
        user: &UserId,
        joined: SystemTime,
    ) -> Result<bool, Error> {
        if self.has(marking::HAS_JOINED, &[key(user)]).await? {
            return Ok(false);
        }
        self.make_user(user).await?;
        let (joined, user) = (to_millis(joined), user.clone());
        self.write(Subject::User(user.clone()), move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { marking::join(&tx, &user, joined).await }
        })
        .await
    }

    async fn sent(&self, now: SystemTime, filter: &SentFilter) -> Result<SentPage, Error> {
        let now = to_millis(now);
        read!(self, session => senders::sent(session, now, filter))
    }

    async fn receipts(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<Option<Receipts>, Error> {
        let now = to_millis(now);
        aside!(self, session => senders::receipts(session, now, id, sender))
    }

    async fn retract(
        &self,
        now: SystemTime,
        id: MessageId,
        sender: Option<&str>,
    ) -> Result<bool, Error> {
        let (now, sender) = (to_millis(now), sender.map(str::to_owned));
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let sender = sender.clone();
            async move { retracting::retract(&tx, now, id, sender.as_deref()).await }
        })
        .await
    }

    async fn sweep(&self, now: SystemTime) -> Result<Swept, Error> {
        let now = to_millis(now);
        let step = move |tx: Arc<Tx>| async move { sweeping::step(&tx, now).await };
        let swept = self.write(Subject::Store, step).await?;
        if swept.more {
            return Ok(swept);
        }
        let marks = Arc::new(aside!(self, session => sweeping::old_marks(session))?);
        if marks.is_empty() {
            return Ok(swept);
        }
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let marks = Arc::clone(&marks);
            async move { sweeping::remove_marks(&tx, &marks).await }
        })
        .await
    }

    async fn forget(&self, _now: SystemTime, user: &UserId) -> Result<bool, Error> {
        let user = user.clone();
        self.write(Subject::Store, move |tx: Arc<Tx>| {
            let user = user.clone();
            async move { forgetting::forget(&tx, &user).await }
        })
        .await
    }

    async fn export(&self, now: SystemTime, user: &UserId) -> Result<Export, Error> {
        let now = to_millis(now);
        aside!(self, session => forgetting::export(session, &self.inner.views, now, user))
    }

    async fn follow(
        &self,
        now: SystemTime,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Followed>, Error> {
        let now = to_millis(now);
        aside!(self, session => following::follow(session, now, after, limit))
    }

    fn changes(&self) -> Changes {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return Changes::none();
        };
        let (sender, changes) = Changes::channel();
        let own = self.inner.writer.database().own_writes();
        runtime.spawn(watching::watch(Arc::clone(&self.inner.long_readers), own, sender));
        changes
    }
}

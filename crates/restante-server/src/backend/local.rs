use std::io::Write as _;
use std::time::Duration;

use async_trait::async_trait;
use restante::store::{ApiKey, SentFilter};
use restante::{
    AsOf, Error, Expires, Filter, Inbox, ItemId, Message, MessageId, Restante, To, UserId,
};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::shapes::{
    Changed, Count, Item, Keys, Marked, NewKey, Page, Receipts, Sent, SentPage, Swept, Token,
};
use super::{Answer, Backend, Letter, Recipients, progress};
use crate::access::Scope;
use crate::access::keys::{self, FreshKey};
use crate::access::tokens::Tokens;
use crate::dates;
use crate::failure::Failure;

/// A store that this process opened.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) restante: Restante,
    /// As `serve` has them; none for the database's own.
    pub(crate) token_secrets: Vec<String>,
}

#[async_trait]
impl Backend for Local {
    async fn send(&self, letter: Letter) -> Result<Answer<Sent>, Failure> {
        let message = message(&letter)?;
        let to = match letter.to {
            Recipients::Everyone => To::everyone(),
            Recipients::Users(users) => To::users(users),
        };
        let mut request = self.restante.send(message, to);
        if let Some(key) = letter.key {
            request = request.key(key);
        }
        if letter.newcomers {
            request = request.newcomers();
        }
        let mut sent = request.await?;
        if sent.waiting > 0 {
            let bar = progress::bar("Delivered", sent.waiting, "users");
            let delivered = self.restante.deliver_waiting(|users| bar.inc(users)).await;
            bar.finish_and_clear();
            match delivered {
                Ok(_) => sent.waiting = 0,
                // It is recorded: whoever were told of a failure would send it again.
                Err(error) => {
                    sent.waiting = sent.waiting.saturating_sub(bar.position());
                    let _ = writeln!(
                        std::io::stderr(),
                        "restante: {} is recorded and must not be sent again; its delivery stopped: \
                         {error}",
                        sent.id
                    );
                }
            }
        }
        Answer::of(&sent)
    }

    async fn inbox(&self, user: &UserId, filter: Filter) -> Result<Answer<Page>, Failure> {
        Answer::of(&self.of(user)?.list(filter).await?)
    }

    async fn item(&self, user: &UserId, id: ItemId) -> Result<Option<Answer<Item>>, Failure> {
        found(self.of(user)?.get(id).await)?.map(|item| Answer::of(&item)).transpose()
    }

    async fn count(&self, user: &UserId) -> Result<Answer<Count>, Failure> {
        Answer::of(&self.of(user)?.count().await?)
    }

    async fn mark_read(&self, user: &UserId, ids: &[ItemId]) -> Result<Answer<Marked>, Failure> {
        let inbox = self.of(user)?;
        let changed = inbox.mark_read_many(ids).await? > 0;
        marked(&inbox, changed).await
    }

    async fn mark_all_read(&self, user: &UserId, as_of: &AsOf) -> Result<Answer<Marked>, Failure> {
        let inbox = self.of(user)?;
        let changed = inbox.mark_all_read(as_of).await?;
        marked(&inbox, changed).await
    }

    async fn mark_unread(&self, user: &UserId, id: ItemId) -> Result<Answer<Marked>, Failure> {
        let inbox = self.of(user)?;
        let changed = inbox.mark_unread(id).await?;
        marked(&inbox, changed).await
    }

    async fn dismiss(&self, user: &UserId, id: ItemId) -> Result<bool, Failure> {
        Ok(self.of(user)?.dismiss(id).await?)
    }

    async fn sent(&self, filter: SentFilter) -> Result<Answer<SentPage>, Failure> {
        Answer::of(&self.restante.sent(filter).await?)
    }

    async fn receipts(&self, id: MessageId) -> Result<Option<Answer<Receipts>>, Failure> {
        found(self.restante.receipts(id).await)?.map(|receipts| Answer::of(&receipts)).transpose()
    }

    async fn retract(&self, id: MessageId) -> Result<bool, Failure> {
        Ok(self.restante.retract(id).await?)
    }

    async fn sweep(&self) -> Result<Answer<Swept>, Failure> {
        Answer::of(&self.restante.sweep().await?)
    }

    async fn forget(&self, user: &UserId) -> Result<Answer<Changed>, Failure> {
        Answer::of(&Changed { changed: self.restante.forget(user).await? })
    }

    async fn export(&self, user: &UserId) -> Result<Answer<IgnoredAny>, Failure> {
        Answer::of(&self.restante.export(user).await?)
    }

    async fn issue_token(&self, user: &UserId, ttl: Duration) -> Result<Answer<Token>, Failure> {
        let (store, now) = (self.restante.store().as_ref(), self.restante.now());
        let tokens = Tokens::open(store, &self.token_secrets).await?;
        let fresh = tokens.issue(store, now, user, ttl, None).await?;
        Answer::of(&Token { token: fresh.token, expires_at: dates::machine(fresh.expires_at) })
    }

    async fn create_key(&self, name: &str, scopes: &[Scope]) -> Result<Answer<NewKey>, Failure> {
        /// As `POST /keys` answers.
        #[derive(Serialize)]
        struct Created {
            key: String,
            #[serde(flatten)]
            kept: ApiKey,
        }
        let (store, now) = (self.restante.store().as_ref(), self.restante.now());
        let FreshKey { key, kept } = keys::create(store, now, name, scopes).await?;
        Answer::of(&Created { key, kept })
    }

    async fn keys(&self) -> Result<Answer<Keys>, Failure> {
        Answer::of(&json!({ "keys": self.restante.store().api_keys().await? }))
    }

    async fn revoke_key(&self, id: &str) -> Result<bool, Failure> {
        Ok(self.restante.store().revoke_api_key(self.restante.now(), id).await?)
    }
}

impl Local {
    fn of(&self, user: &UserId) -> Result<Inbox, Error> {
        self.restante.inbox(user)
    }
}

fn message(letter: &Letter) -> Result<Message, Error> {
    let mut message = Message::new(letter.level, letter.text.as_str());
    for tag in &letter.tags {
        message = message.tag(tag);
    }
    if let Some(url) = &letter.url {
        message = message.url(url);
    }
    if let Some(data) = &letter.data {
        message = message.data_json(data.as_str())?;
    }
    Ok(match letter.expires {
        Expires::Default => message,
        Expires::Never => message.never_expires(),
        Expires::In(after) => message.expires_in(after),
        Expires::At(time) => message.expires_at(time),
    })
}

/// As `POST /inbox/read` answers.
async fn marked(inbox: &Inbox, changed: bool) -> Result<Answer<Marked>, Failure> {
    Answer::of(&Marked { changed, unread: inbox.count().await?.unread })
}

fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Failure> {
    match result {
        Err(error) if error.is_not_found() => Ok(None),
        result => Ok(Some(result?)),
    }
}

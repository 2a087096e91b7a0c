//! A server, asked over HTTP.
//!
//! `address` says where it is and how a path is written, `connection` asks it, `problem` turns a
//! refusal into a sentence, `upload` writes a message as a body and `sending` sees it through.

mod address;
mod connection;
mod problem;
mod sending;
mod upload;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use restante::store::SentFilter;
use restante::{AsOf, Filter, ItemId, MessageId, UserId, View};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use ureq::http::Method;

pub(crate) use self::address::Address;
use self::address::{encoded, query};
use self::connection::{Connection, Question, QuestionBody, Reply};
use super::shapes::{
    Changed, Count, Item, Keys, Marked, NewKey, Page, Receipts, Sent, SentPage, Swept, Token,
};
use super::{Answer, Backend, Letter};
use crate::access::Scope;
use crate::failure::Failure;

/// How long a token lasts that is made to look into an inbox: for as long as a verb takes.
const TOKEN_TTL: Duration = Duration::from_secs(600);

/// A server that this process speaks to.
#[derive(Debug)]
pub(crate) struct Remote {
    connection: Connection,
    key: String,
    /// Inboxes are opened as their users.
    tokens: Mutex<HashMap<UserId, String>>,
}

impl Remote {
    pub(crate) fn new(address: Address, key: String) -> Self {
        Self { connection: Connection::new(address), key, tokens: Mutex::default() }
    }

    /// A question of the sender's.
    fn question(&self, method: Method, path: String) -> Question<'_> {
        Question { method, path, bearer: &self.key, body: QuestionBody::None }
    }

    fn get<T: DeserializeOwned>(&self, question: Question<'_>) -> Result<Answer<T>, Failure> {
        self.answer(self.connection.get(question)?)
    }

    fn find<T: DeserializeOwned>(
        &self,
        question: Question<'_>,
    ) -> Result<Option<Answer<T>>, Failure> {
        self.connection.find(question)?.map(|reply| self.answer(reply)).transpose()
    }

    /// What says by its status alone whether it was done.
    fn is_done(&self, question: Question<'_>) -> Result<bool, Failure> {
        Ok(self.connection.find(question)?.is_some())
    }

    fn answer<T: DeserializeOwned>(&self, reply: Reply) -> Result<Answer<T>, Failure> {
        Answer::received(reply.body).ok_or_else(|| {
            let address = &self.connection.address;
            Failure::said(format!(
                "{address} does not answer with JSON; is it a Restante server, and is --server \
                 right?"
            ))
        })
    }

    fn post<T: DeserializeOwned>(&self, path: String, body: &Value) -> Result<Answer<T>, Failure> {
        let body = QuestionBody::Json(body.to_string());
        self.get(Question { body, ..self.question(Method::POST, path) })
    }

    /// A token of this user's, made once.
    fn token(&self, user: &UserId) -> Result<String, Failure> {
        // Each change of the map is a single step, so a panic elsewhere leaves it whole.
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = tokens.get(user) {
            return Ok(token.clone());
        }
        let Token { token, .. } = self.make_token(user, TOKEN_TTL)?.read()?;
        tokens.insert(user.clone(), token.clone());
        Ok(token)
    }

    fn make_token(&self, user: &UserId, ttl: Duration) -> Result<Answer<Token>, Failure> {
        let path = format!("/users/{}/tokens", encoded(user.as_str()));
        // To the nanosecond: what is too short or too long is for the server to say.
        let ttl = format!("{:#}", SignedDuration::try_from(ttl).unwrap_or(SignedDuration::MAX));
        self.post(path, &json!({ "ttl": ttl }))
    }

    fn mark(
        &self,
        user: &UserId,
        path: String,
        body: Option<&Value>,
    ) -> Result<Answer<Marked>, Failure> {
        let token = self.token(user)?;
        let body = body.map_or(QuestionBody::None, |body| QuestionBody::Json(body.to_string()));
        self.get(Question { method: Method::POST, path, bearer: &token, body })
    }
}

#[async_trait]
impl Backend for Remote {
    async fn send(&self, letter: Letter) -> Result<Answer<Sent>, Failure> {
        self.send_letter(&letter).await
    }

    async fn inbox(&self, user: &UserId, filter: Filter) -> Result<Answer<Page>, Failure> {
        let view = match filter.view {
            View::Unread => "unread",
            View::Archive => "archive",
        };
        let query = query(&[
            ("view", Some(view.to_owned())),
            ("after", filter.after.map(|after| after.to_string())),
            ("limit", Some(filter.limit.to_string())),
            ("level", filter.level.map(|level| level.to_string())),
            ("tag", filter.tag),
        ]);
        let token = self.token(user)?;
        let question = self.question(Method::GET, format!("/inbox{query}"));
        self.get(Question { bearer: &token, ..question })
    }

    async fn item(&self, user: &UserId, id: ItemId) -> Result<Option<Answer<Item>>, Failure> {
        let token = self.token(user)?;
        let question = self.question(Method::GET, format!("/inbox/{id}"));
        self.find(Question { bearer: &token, ..question })
    }

    async fn count(&self, user: &UserId) -> Result<Answer<Count>, Failure> {
        let token = self.token(user)?;
        let question = self.question(Method::GET, "/inbox/count".to_owned());
        self.get(Question { bearer: &token, ..question })
    }

    async fn mark_read(&self, user: &UserId, ids: &[ItemId]) -> Result<Answer<Marked>, Failure> {
        self.mark(user, "/inbox/read".to_owned(), Some(&json!({ "ids": ids })))
    }

    async fn mark_all_read(&self, user: &UserId, as_of: &AsOf) -> Result<Answer<Marked>, Failure> {
        self.mark(user, "/inbox/read".to_owned(), Some(&json!({ "as_of": as_of })))
    }

    async fn mark_unread(&self, user: &UserId, id: ItemId) -> Result<Answer<Marked>, Failure> {
        self.mark(user, format!("/inbox/{id}/unread"), None)
    }

    async fn dismiss(&self, user: &UserId, id: ItemId) -> Result<bool, Failure> {
        let token = self.token(user)?;
        let question = self.question(Method::DELETE, format!("/inbox/{id}"));
        self.is_done(Question { bearer: &token, ..question })
    }

    async fn sent(&self, filter: SentFilter) -> Result<Answer<SentPage>, Failure> {
        let query = query(&[
            ("after", filter.after.map(|after| after.to_string())),
            ("limit", Some(filter.limit.to_string())),
        ]);
        self.get(self.question(Method::GET, format!("/messages{query}")))
    }

    async fn receipts(&self, id: MessageId) -> Result<Option<Answer<Receipts>>, Failure> {
        self.find(self.question(Method::GET, format!("/messages/{id}")))
    }

    async fn retract(&self, id: MessageId) -> Result<bool, Failure> {
        self.is_done(self.question(Method::DELETE, format!("/messages/{id}")))
    }

    async fn sweep(&self) -> Result<Answer<Swept>, Failure> {
        self.get(self.question(Method::POST, "/sweep".to_owned()))
    }

    async fn forget(&self, user: &UserId) -> Result<Answer<Changed>, Failure> {
        let path = format!("/users/{}", encoded(user.as_str()));
        self.get(self.question(Method::DELETE, path))
    }

    async fn export(&self, user: &UserId) -> Result<Answer<IgnoredAny>, Failure> {
        let path = format!("/users/{}/export", encoded(user.as_str()));
        self.get(self.question(Method::GET, path))
    }

    async fn issue_token(&self, user: &UserId, ttl: Duration) -> Result<Answer<Token>, Failure> {
        self.make_token(user, ttl)
    }

    async fn create_key(&self, name: &str, scopes: &[Scope]) -> Result<Answer<NewKey>, Failure> {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        self.post("/keys".to_owned(), &json!({ "name": name, "scopes": scopes }))
    }

    async fn keys(&self) -> Result<Answer<Keys>, Failure> {
        self.get(self.question(Method::GET, "/keys".to_owned()))
    }

    async fn revoke_key(&self, id: &str) -> Result<bool, Failure> {
        self.is_done(self.question(Method::DELETE, format!("/keys/{}", encoded(id))))
    }
}

use std::pin::Pin;

use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::http::{Request, StatusCode, request};
use futures_util::Stream;
use restante::testing::FixedClock;
use restante::{Filter, ItemId, MemoryStore, Message, Restante, Store, To};
use serde_json::Value;

/// A body that goes on and on.
pub(crate) type Pieces = Pin<Box<dyn Stream<Item = String>>>;

/// An app in one of the frameworks.
pub(crate) trait App {
    /// One with the inbox at `/messages`. Who is signed in is said by the header `x-user`.
    fn new(restante: &Restante) -> Self;

    async fn ask(&self, request: Request<Vec<u8>>) -> Answer;

    /// The head of the answer, and its body piece by piece.
    async fn open(&self, request: Request<Vec<u8>>) -> (Answer, Pieces);
}

/// An app and what is behind it.
pub(crate) struct Site<A> {
    pub(crate) restante: Restante,
    pub(crate) app: A,
}

impl<A: App> Site<A> {
    pub(crate) fn new() -> Self {
        Self::on(MemoryStore::new())
    }

    /// Its clock stands still.
    pub(crate) fn on(store: impl Store) -> Self {
        let restante = Restante::new(store).with_clock(FixedClock::default());
        Self { app: A::new(&restante), restante }
    }

    pub(crate) async fn send(&self, message: Message, to: impl Into<To>) {
        self.restante.send(message, to).await.unwrap();
    }

    /// The newest item of the user's inbox.
    pub(crate) async fn newest(&self, user: &str) -> ItemId {
        let inbox = self.restante.inbox(user).unwrap();
        inbox.list(Filter::unread()).await.unwrap().items[0].id
    }

    pub(crate) async fn unread(&self, user: &str) -> u64 {
        self.restante.inbox(user).unwrap().count().await.unwrap().unread
    }

    /// Calls with alice signed in.
    pub(crate) async fn call(&self, method: &str, path: &str) -> Answer {
        self.ask(alice(method, path).body(Vec::new()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).await
    }

    /// Posts JSON with alice signed in.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = alice("POST", path).header(CONTENT_TYPE, "application/json");
        self.ask(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn ask(&self, request: Request<Vec<u8>>) -> Answer {
        self.app.ask(request).await
    }
}

pub(crate) fn alice(method: &str, path: &str) -> request::Builder {
    anonymous(method, path).header("x-user", "alice")
}

pub(crate) fn anonymous(method: &str, path: &str) -> request::Builder {
    Request::builder().method(method).uri(path)
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The JSON of an answer that went well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The texts of a page, newest first.
    pub(crate) fn texts(&self) -> Vec<String> {
        let page = self.json();
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The JSON of a refusal, whose status is that of the response.
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status.as_u16());
        problem
    }
}

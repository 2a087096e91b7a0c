use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::http::{Request, StatusCode, request};
use axum::{Router, response::Response};
use restante::testing::FixedClock;
use restante::{
    Filter, ItemId, Key, MemoryStore, Message, MessagesLayer, Restante, Store, To, inbox_routes,
};
use serde_json::Value;
use tower::ServiceExt;

/// An app with the inbox at `/messages`. Who is signed in is said by the header `x-user`.
pub(crate) struct Site {
    pub(crate) restante: Restante,
    pub(crate) app: Router,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::on(MemoryStore::new())
    }

    /// Its clock stands still.
    pub(crate) fn on(store: impl Store) -> Self {
        let restante = Restante::new(store).with_clock(FixedClock::default());
        let app = Router::new().nest("/messages", inbox_routes()).layer(layer(&restante));
        Self { restante, app }
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
        self.ask(alice(method, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path).await
    }

    /// Posts JSON with alice signed in.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = alice("POST", path).header(CONTENT_TYPE, "application/json");
        self.ask(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        ask(self.app.clone(), request).await
    }
}

pub(crate) fn layer(restante: &Restante) -> MessagesLayer {
    MessagesLayer::new(Key::new([7; 32]).unwrap())
        .with_restante(restante.clone())
        .with_user(|parts| Some(parts.headers.get("x-user")?.to_str().ok()?.to_owned()))
}

pub(crate) fn alice(method: &str, path: &str) -> request::Builder {
    anonymous(method, path).header("x-user", "alice")
}

pub(crate) fn anonymous(method: &str, path: &str) -> request::Builder {
    Request::builder().method(method).uri(path)
}

pub(crate) async fn ask(app: Router, request: Request<Body>) -> Answer {
    Answer::of(app.oneshot(request).await.unwrap()).await
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Self { status: parts.status, headers: parts.headers, body }
    }

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

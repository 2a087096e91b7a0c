//! The libraries for axum.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use axum_messages::MessagesManagerLayer;
use restante::{Key, MessagesLayer};
use tower_service::Service;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use crate::side::{Answer, IDLE, Keeps, Operation, Side, TEXT, Which, drive};

/// Two routers of the same routes.
pub(crate) struct Axum {
    keeps: Keeps,
    bare: Router,
    layered: Router,
}

impl Axum {
    /// The least that a layer can do for its handlers: leave them something.
    pub(crate) fn arc() -> Self {
        let layered = router(post(add), get(read)).layer(Extension(Arc::new(0_u64)));
        Self::new(Keeps::Nothing, layered)
    }

    /// What an app with sessions has anyway.
    pub(crate) fn sessions() -> Self {
        Self::new(Keeps::Nothing, router(post(add), get(read)).layer(session_layer()))
    }

    pub(crate) fn restante() -> Self {
        async fn add(messages: restante::Messages) -> Redirect {
            messages.success(TEXT);
            Redirect::to("/read")
        }
        async fn read(messages: restante::Messages) -> String {
            joined(messages.take().await.iter().map(|message| &*message.message))
        }
        let key = Key::new([7; 64]).expect("it is long enough");
        let layered = router(post(add), get(read)).layer(MessagesLayer::new(key));
        Self::new(Keeps::InCookie, layered)
    }

    pub(crate) fn axum_messages() -> Self {
        async fn add(messages: axum_messages::Messages) -> Redirect {
            messages.success(TEXT);
            Redirect::to("/read")
        }
        async fn read(messages: axum_messages::Messages) -> String {
            let messages: Vec<_> = messages.into_iter().collect();
            joined(messages.iter().map(|message| &*message.message))
        }
        let layered = router(post(add), get(read)).layer(MessagesManagerLayer);
        Self::new(Keeps::InSession, layered.layer(session_layer()))
    }

    fn new(keeps: Keeps, layered: Router) -> Self {
        Self { keeps, bare: router(post(add), get(read)), layered }
    }
}

fn session_layer() -> SessionManagerLayer<MemoryStore> {
    SessionManagerLayer::new(MemoryStore::default()).with_secure(false)
}

async fn add() -> Redirect {
    Redirect::to("/read")
}

async fn read() -> String {
    joined([TEXT].into_iter())
}

fn router(add: MethodRouter, read: MethodRouter) -> Router {
    let idle = get(async || IDLE);
    Router::new().route("/idle", idle).route("/add", add).route("/read", read)
}

/// The page: all messages in one text.
pub(crate) fn joined<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.collect()
}

impl Side for Axum {
    type Request = Request;
    type Response = Response;

    fn keeps(&self) -> Keeps {
        self.keeps
    }

    fn request(&self, operation: Operation, cookie: Option<&str>) -> Request {
        let request = match operation {
            Operation::Add => Request::post(operation.path()),
            Operation::Idle | Operation::Read => Request::get(operation.path()),
        };
        let request = cookie.into_iter().fold(request, |request, c| request.header(COOKIE, c));
        request.body(Body::empty()).expect("a request of our own")
    }

    fn handle(&mut self, which: Which, request: Request) -> Response {
        let router = match which {
            Which::Bare => &mut self.bare,
            Which::Layered => &mut self.layered,
        };
        drive(router.call(request)).unwrap_or_else(|error: Infallible| error.into_response())
    }

    fn read(response: Response) -> Answer {
        let set_cookies = response.headers().get_all(SET_COOKIE).into_iter();
        let set_cookies = set_cookies.map(|c| c.to_str().expect("ASCII").to_owned()).collect();
        let status = response.status().as_u16();
        let body = drive(to_bytes(response.into_body(), usize::MAX)).expect("it is in memory");
        Answer { status, set_cookies, body: String::from_utf8(body.into()).expect("a text") }
    }
}

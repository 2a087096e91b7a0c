//! The libraries for axum.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use axum_messages::MessagesManagerLayer;
use restante::{Key, MessagesLayer};
use tower_service::Service;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use crate::side::{Answer, IDLE, Keeps, Operation, Side, TEXT, Which, drive, huge};

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
        let key = Key::new([7; 64]).expect("it is long enough");
        Self::new(Keeps::InCookie, with_restante().layer(MessagesLayer::new(key)))
    }

    pub(crate) fn axum_messages() -> Self {
        let layered = with_axum_messages().layer(MessagesManagerLayer).layer(session_layer());
        Self::new(Keeps::InSession, layered)
    }

    pub(crate) fn new(keeps: Keeps, layered: Router) -> Self {
        Self { keeps, bare: router(post(add), get(read)), layered }
    }
}

/// The handlers of restante, without its layer.
pub(crate) fn with_restante() -> Router {
    use restante::Messages;
    async fn add(messages: Messages) -> Redirect {
        messages.success(TEXT);
        Redirect::to("/read")
    }
    async fn add_huge(messages: Messages) -> Redirect {
        messages.success(huge());
        Redirect::to("/read")
    }
    async fn read(messages: Messages) -> String {
        joined(messages.take().await.iter().map(|message| &*message.message))
    }
    async fn read_and_redirect(messages: Messages) -> Redirect {
        messages.take().await;
        Redirect::to("/read")
    }
    async fn read_and_fail(messages: Messages) -> StatusCode {
        messages.take().await;
        StatusCode::INTERNAL_SERVER_ERROR
    }
    router(post(add), get(read))
        .route(Operation::AddHuge.path(), post(add_huge))
        .route(Operation::ReadAndRedirect.path(), get(read_and_redirect))
        .route(Operation::ReadAndFail.path(), get(read_and_fail))
}

/// The handlers of axum-messages, without its layer.
pub(crate) fn with_axum_messages() -> Router {
    use axum_messages::Messages;
    async fn add(messages: Messages) -> Redirect {
        messages.success(TEXT);
        Redirect::to("/read")
    }
    async fn add_huge(messages: Messages) -> Redirect {
        messages.success(huge());
        Redirect::to("/read")
    }
    async fn read(messages: Messages) -> String {
        let messages: Vec<_> = messages.into_iter().collect();
        joined(messages.iter().map(|message| &*message.message))
    }
    async fn read_and_redirect(messages: Messages) -> Redirect {
        messages.into_iter().for_each(drop);
        Redirect::to("/read")
    }
    async fn read_and_fail(messages: Messages) -> StatusCode {
        messages.into_iter().for_each(drop);
        StatusCode::INTERNAL_SERVER_ERROR
    }
    router(post(add), get(read))
        .route(Operation::AddHuge.path(), post(add_huge))
        .route(Operation::ReadAndRedirect.path(), get(read_and_redirect))
        .route(Operation::ReadAndFail.path(), get(read_and_fail))
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
    Router::new()
        .route(Operation::Idle.path(), get(async || IDLE))
        .route(Operation::Add.path(), add)
        .route(Operation::Read.path(), read)
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
        let path = operation.path();
        let request = if operation.is_post() { Request::post(path) } else { Request::get(path) };
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

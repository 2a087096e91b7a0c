//! The routes of axum.

#[path = "../addresses.rs"]
mod addresses;
#[path = "../caching.rs"]
mod caching;
#[path = "../described.rs"]
mod described;
#[path = "../errors.rs"]
mod errors;
#[path = "../items.rs"]
mod items;
#[path = "../listing.rs"]
mod listing;
#[path = "../marking.rs"]
mod marking;
#[path = "../other_sites.rs"]
mod other_sites;
#[path = "../problems.rs"]
mod problems;
#[path = "../queries.rs"]
mod queries;
mod set_up;
#[path = "../sqlite.rs"]
mod sqlite;
#[path = "../store_faults.rs"]
mod store_faults;
#[path = "../stream.rs"]
mod stream;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use restante::{Error, Key, MessagesLayer, Restante, inbox_routes, inbox_routes_for_tokens};
use tower::ServiceExt;

use crate::site::{Answer, App, Pieces};

pub(crate) type Site = crate::site::Site<Router>;

impl App for Router {
    fn new(restante: &Restante) -> Self {
        Router::new().nest("/messages", inbox_routes()).layer(layer(restante))
    }

    async fn ask(&self, request: Request<Vec<u8>>) -> Answer {
        ask(self.clone(), request).await
    }

    async fn open(&self, request: Request<Vec<u8>>) -> (Answer, Pieces) {
        let response = self.clone().oneshot(request.map(Body::from)).await.unwrap();
        let (parts, body) = response.into_parts();
        let pieces = body.into_data_stream();
        let pieces = pieces.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap());
        let head = Answer { status: parts.status, headers: parts.headers, body: Vec::new() };
        (head, Box::pin(pieces))
    }
}

pub(crate) async fn ask(app: Router, request: Request<Vec<u8>>) -> Answer {
    answer_of(app.oneshot(request.map(Body::from)).await.unwrap()).await
}

async fn answer_of(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// An app with the routes for tokens below a path.
pub(crate) fn for_tokens(path: &str, restante: &Restante) -> Router {
    Router::new().nest(path, inbox_routes_for_tokens("")).layer(layer(restante))
}

/// What an app's handler answers with an error.
pub(crate) async fn response_of(error: Error) -> Answer {
    answer_of(error.into_response()).await
}

pub(crate) fn layer(restante: &Restante) -> MessagesLayer {
    MessagesLayer::new(Key::new([7; 32]).unwrap())
        .with_restante(restante.clone())
        .with_user(|parts| Some(parts.headers.get("x-user")?.to_str().ok()?.to_owned()))
}

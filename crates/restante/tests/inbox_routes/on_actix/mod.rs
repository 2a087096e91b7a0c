//! The service of actix-web.

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
mod over_http;
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

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_http::Request as HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App as ActixApp, HttpResponse, ResponseError};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use futures_util::stream::poll_fn;
use futures_util::{FutureExt, StreamExt};
use restante::{Error, Key, MessagesMiddleware, Restante, inbox_service};

use crate::site::{Answer, App, Pieces};

pub(crate) type Site = crate::site::Site<Served>;

type Serving = Pin<Box<dyn Future<Output = HttpResponse>>>;

/// An app that is ready to be asked.
#[derive(Clone)]
pub(crate) struct Served(Rc<dyn Fn(HttpRequest) -> Serving>);

/// Starts an app.
pub(crate) fn served<T, B>(app: ActixApp<T>) -> Served
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    // Nothing in these apps has to be waited for.
    let service = Rc::new(init_service(app).now_or_never().unwrap());
    Served(Rc::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            let response = service.call(request).await.unwrap();
            response.into_parts().1.map_into_boxed_body()
        })
    }))
}

impl Served {
    async fn begin(&self, request: Request<Vec<u8>>) -> HttpResponse {
        let (parts, body) = request.into_parts();
        let mut request = TestRequest::default()
            .method(parts.method.as_str().parse().unwrap())
            .uri(&parts.uri.to_string())
            .set_payload(body);
        for (name, value) in &parts.headers {
            request = request.append_header((name.as_str(), value.as_bytes()));
        }
        (self.0)(request.to_request()).await
    }
}

impl App for Served {
    fn new(restante: &Restante) -> Self {
        served(ActixApp::new().wrap(layer(restante)).service(inbox_service("/messages")))
    }

    async fn ask(&self, request: Request<Vec<u8>>) -> Answer {
        let is_head = request.method() == Method::HEAD;
        let response = self.begin(request).await;
        let size = response.body().size();
        let mut answer = answer_of(response).await;
        // What the server does with an answer to HEAD.
        if let (true, BodySize::Sized(size)) = (is_head, size) {
            answer.headers.insert("content-length", size.into());
            answer.body.clear();
        }
        answer
    }

    async fn open(&self, request: Request<Vec<u8>>) -> (Answer, Pieces) {
        let response = self.begin(request).await;
        assert_eq!(response.body().size(), BodySize::Stream);
        let (status, headers) = head_of(&response);
        let mut body: BoxBody = response.into_body();
        let pieces = poll_fn(move |context| Pin::new(&mut body).poll_next(context));
        let pieces = pieces.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap());
        (Answer { status, headers, body: Vec::new() }, Box::pin(pieces))
    }
}

fn head_of(response: &HttpResponse) -> (StatusCode, HeaderMap) {
    let status = StatusCode::from_u16(response.status().as_u16()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    (status, headers)
}

async fn answer_of(response: HttpResponse) -> Answer {
    let (status, headers) = head_of(&response);
    let body = to_bytes(response.into_body()).await.unwrap().to_vec();
    Answer { status, headers, body }
}

/// An app with the routes for tokens below a path.
pub(crate) fn for_tokens(path: &str, restante: &Restante) -> Served {
    let service = inbox_service(path).for_tokens();
    served(ActixApp::new().wrap(layer(restante)).service(service))
}

/// What an app's handler answers with an error.
pub(crate) async fn response_of(error: Error) -> Answer {
    answer_of(error.error_response()).await
}

pub(crate) fn layer(restante: &Restante) -> MessagesMiddleware {
    MessagesMiddleware::new(Key::new([7; 32]).unwrap())
        .with_restante(restante.clone())
        .with_user(|request| Some(request.headers().get("x-user")?.to_str().ok()?.to_owned()))
}

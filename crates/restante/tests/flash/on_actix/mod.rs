//! Through the middleware of actix-web.

#[path = "../behaviour_adding.rs"]
mod behaviour_adding;
#[path = "../behaviour_cookie.rs"]
mod behaviour_cookie;
#[path = "../behaviour_fallback.rs"]
mod behaviour_fallback;
#[path = "../behaviour_levels.rs"]
mod behaviour_levels;
#[path = "../behaviour_middleware.rs"]
mod behaviour_middleware;
#[path = "../behaviour_reading.rs"]
mod behaviour_reading;
#[path = "../behaviour_response.rs"]
mod behaviour_response;
#[path = "../behaviour_session.rs"]
mod behaviour_session;
#[path = "../cancel.rs"]
mod cancel;
#[path = "../overlap.rs"]
mod overlap;
mod own_rules;
#[path = "../rules.rs"]
mod rules;
#[path = "../rules_shown.rs"]
mod rules_shown;
mod sessions;
#[path = "../stored.rs"]
mod stored;
#[path = "../templates.rs"]
mod templates;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_http::Request as HttpRequestHead;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode as ActixStatus;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App as ActixApp, Error, HttpRequest, HttpResponse, web};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use futures_util::FutureExt;
use restante::testing::flash_of;
use restante::{Inbox, Key, Messages, MessagesMiddleware, Restante};

use crate::browser::{App, Begun};
use crate::script::{key, run, streamed, texts};

pub(crate) use self::sessions::{fallback, has_session_text, layer_without_sessions, session_only};

pub(crate) type Browser = crate::browser::Browser<Served>;
pub(crate) type Layer = MessagesMiddleware;

/// What a missing layer is told to be.
pub(crate) const ADD_LAYER: &str = "add `.wrap(";

type Serving = Pin<Box<dyn Future<Output = HttpResponse>>>;

/// An app that is ready to be asked.
#[derive(Clone)]
pub(crate) struct Served(Rc<dyn Fn(HttpRequestHead) -> Serving>);

/// Starts an app.
pub(crate) fn served<T, B>(app: ActixApp<T>) -> Served
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    // Nothing in these apps has to be waited for.
    let service = Rc::new(init_service(app).now_or_never().unwrap());
    Served(Rc::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            match service.call(request).await {
                Ok(response) => response.into_parts().1.map_into_boxed_body(),
                // As the server makes it.
                Err(error) => error.error_response(),
            }
        })
    }))
}

impl App for Served {
    type Response = HttpResponse<BoxBody>;

    async fn begin(&self, request: Request<()>) -> Begun<HttpResponse> {
        let (parts, ()) = request.into_parts();
        let mut request = TestRequest::default()
            .method(parts.method.as_str().parse().unwrap())
            .uri(&parts.uri.to_string());
        for (name, value) in &parts.headers {
            request = request.append_header((name.as_str(), value.as_bytes()));
        }
        let response = (self.0)(request.to_request()).await;
        let status = StatusCode::from_u16(response.status().as_u16()).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in response.headers() {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Begun { status, headers, flash: flash_of(&response), response }
    }

    async fn read(response: HttpResponse) -> String {
        let bytes = to_bytes(response.into_body()).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

pub(crate) fn layer_of(key: Key) -> MessagesMiddleware {
    MessagesMiddleware::new(key)
}

pub(crate) fn layer() -> MessagesMiddleware {
    layer_of(key())
}

/// The middleware with a store, and a user named by the header `x-user`.
pub(crate) fn layer_with(restante: &Restante) -> MessagesMiddleware {
    layer().with_restante(restante.clone()).with_user(user_of)
}

pub(crate) fn user_of(request: &HttpRequest) -> Option<String> {
    Some(request.headers().get("x-user")?.to_str().ok()?.to_owned())
}

/// A browser at the scripted app with just this middleware.
pub(crate) fn browser(layer: MessagesMiddleware) -> Browser {
    Browser::new(served(ActixApp::new().wrap(layer).default_service(web::to(handle))))
}

/// A browser at the scripted app with both, the second outside.
pub(crate) fn browser_of_two(inner: MessagesMiddleware, outer: MessagesMiddleware) -> Browser {
    let app = ActixApp::new().default_service(web::to(handle));
    Browser::new(served(app.wrap(inner).wrap(outer)))
}

/// A browser at the scripted app without a middleware.
pub(crate) fn browser_of_none() -> Browser {
    Browser::new(served(ActixApp::new().default_service(web::to(handle))))
}

/// A browser at an app of one page.
pub(crate) fn page<F, R>(layer: MessagesMiddleware, handler: F) -> Browser
where
    F: Fn(Messages) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = String> + Send + 'static,
{
    Browser::new(served(ActixApp::new().wrap(layer).default_service(web::to(handler))))
}

/// A browser at an app whose page tells whether there are messages.
pub(crate) fn optional(layer: Option<MessagesMiddleware>) -> Browser {
    let page = web::to(async |messages: Option<Messages>| match messages {
        Some(_) => "some",
        None => "none",
    });
    let app = ActixApp::new().default_service(page);
    Browser::new(match layer {
        Some(layer) => served(app.wrap(layer)),
        None => served(app),
    })
}

/// A browser at an app that shows the inbox of who is signed in.
pub(crate) fn inboxes(layer: Option<MessagesMiddleware>) -> Browser {
    let mine = web::to(async |inbox: Inbox| inbox.count().await.unwrap().unread.to_string());
    let maybe = web::to(async |inbox: Option<Inbox>| inbox.is_some().to_string());
    let app = ActixApp::new().route("/mine", mine).route("/maybe", maybe);
    Browser::new(match layer {
        Some(layer) => served(app.wrap(layer)),
        None => served(app),
    })
}

pub(crate) async fn handle(messages: Messages, request: HttpRequest) -> HttpResponse {
    let done = run(&messages, request.path()).await;
    if done.streams {
        let body =
            futures_util::StreamExt::map(streamed(messages), |text| text.map(web::Bytes::from));
        return HttpResponse::Ok().streaming(body);
    }
    let mut response = HttpResponse::build(ActixStatus::from_u16(done.status).unwrap());
    for header in done.headers() {
        response.insert_header(header);
    }
    response.body(texts(&done.seen))
}

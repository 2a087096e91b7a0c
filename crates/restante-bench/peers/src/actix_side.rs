//! The libraries for actix-web.

use actix_http::Request;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::cookie::Key;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{COOKIE, LOCATION, SET_COOKIE};
use actix_web::rt::System;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{ServiceConfig, get, post};
use actix_web::{App, Error, HttpResponse};
use actix_web_flash_messages::storage::CookieMessageStore;
use actix_web_flash_messages::{FlashMessage, FlashMessagesFramework, IncomingFlashMessages};

use crate::axum_sides::joined;
use crate::side::{Answer, IDLE, Keeps, Operation, Side, TEXT, Which, drive, huge};

/// Two apps of the same routes.
pub(crate) struct Actix<B, L> {
    bare: B,
    layered: L,
}

/// The app without a layer and with the one of actix-web-flash-messages.
pub(crate) fn actix() -> impl Side {
    let store = CookieMessageStore::builder(Key::from(&[7; 64])).build();
    let flash = FlashMessagesFramework::builder(store).build();
    System::new().block_on(async {
        Actix {
            bare: init_service(App::new().configure(bare)).await,
            layered: init_service(App::new().wrap(flash).configure(flashing)).await,
        }
    })
}

/// The same with the one of restante.
pub(crate) fn restante() -> impl Side {
    let key = restante::Key::new([7; 64]).expect("it is long enough");
    let messages = restante::MessagesMiddleware::new(key);
    System::new().block_on(async {
        Actix {
            bare: init_service(App::new().configure(bare)).await,
            layered: init_service(App::new().wrap(messages).configure(with_restante)).await,
        }
    })
}

/// The handlers of restante, without its layer.
#[cfg(test)]
pub(crate) fn restante_without_layer() -> impl Side {
    System::new().block_on(async {
        Actix {
            bare: init_service(App::new().configure(bare)).await,
            layered: init_service(App::new().configure(with_restante)).await,
        }
    })
}

/// The library's handlers, without its layer.
#[cfg(test)]
pub(crate) fn without_layer() -> impl Side {
    System::new().block_on(async {
        Actix {
            bare: init_service(App::new().configure(bare)).await,
            layered: init_service(App::new().configure(flashing)).await,
        }
    })
}

fn bare(config: &mut ServiceConfig) {
    idle(config);
    config
        .route(Operation::Add.path(), post().to(async || redirect()))
        .route(Operation::Read.path(), get().to(bare_read));
}

fn flashing(config: &mut ServiceConfig) {
    async fn add() -> HttpResponse {
        FlashMessage::success(TEXT).send();
        redirect()
    }
    async fn add_huge() -> HttpResponse {
        FlashMessage::success(huge()).send();
        redirect()
    }
    async fn read(messages: IncomingFlashMessages) -> String {
        joined(messages.iter().map(FlashMessage::content))
    }
    async fn read_and_redirect(_: IncomingFlashMessages) -> HttpResponse {
        redirect()
    }
    async fn read_and_fail(_: IncomingFlashMessages) -> HttpResponse {
        HttpResponse::InternalServerError().finish()
    }
    idle(config);
    config
        .route(Operation::Add.path(), post().to(add))
        .route(Operation::AddHuge.path(), post().to(add_huge))
        .route(Operation::Read.path(), get().to(read))
        .route(Operation::ReadAndRedirect.path(), get().to(read_and_redirect))
        .route(Operation::ReadAndFail.path(), get().to(read_and_fail));
}

fn with_restante(config: &mut ServiceConfig) {
    use restante::Messages;
    async fn add(messages: Messages) -> HttpResponse {
        messages.success(TEXT);
        redirect()
    }
    async fn add_huge(messages: Messages) -> HttpResponse {
        messages.success(huge());
        redirect()
    }
    async fn read(messages: Messages) -> String {
        joined(messages.take().await.iter().map(|message| &*message.message))
    }
    async fn read_and_redirect(messages: Messages) -> HttpResponse {
        messages.take().await;
        redirect()
    }
    async fn read_and_fail(messages: Messages) -> HttpResponse {
        messages.take().await;
        HttpResponse::InternalServerError().finish()
    }
    idle(config);
    config
        .route(Operation::Add.path(), post().to(add))
        .route(Operation::AddHuge.path(), post().to(add_huge))
        .route(Operation::Read.path(), get().to(read))
        .route(Operation::ReadAndRedirect.path(), get().to(read_and_redirect))
        .route(Operation::ReadAndFail.path(), get().to(read_and_fail));
}

fn idle(config: &mut ServiceConfig) {
    config.route(Operation::Idle.path(), get().to(async || IDLE));
}

async fn bare_read() -> String {
    joined([TEXT].into_iter())
}

fn redirect() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, "/read")).finish()
}

impl<B, L> Side for Actix<B, L>
where
    B: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
    L: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    type Request = Request;
    type Response = ServiceResponse<BoxBody>;

    fn keeps(&self) -> Keeps {
        Keeps::InCookie
    }

    fn request(&self, operation: Operation, cookie: Option<&str>) -> Request {
        let request = if operation.is_post() { TestRequest::post() } else { TestRequest::get() };
        let request = request.uri(operation.path());
        cookie.into_iter().fold(request, |r, c| r.insert_header((COOKIE, c))).to_request()
    }

    fn handle(&mut self, which: Which, request: Request) -> ServiceResponse<BoxBody> {
        match which {
            Which::Bare => drive(call_service(&self.bare, request)),
            Which::Layered => drive(call_service(&self.layered, request)),
        }
    }

    fn read(response: ServiceResponse<BoxBody>) -> Answer {
        let set_cookies = response.headers().get_all(SET_COOKIE);
        let set_cookies = set_cookies.map(|c| c.to_str().expect("ASCII").to_owned()).collect();
        let status = response.status().as_u16();
        let body = drive(to_bytes(response.into_body())).expect("it is in memory");
        Answer { status, set_cookies, body: String::from_utf8(body.into()).expect("a text") }
    }
}

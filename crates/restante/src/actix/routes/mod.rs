//! The inbox as JSON over HTTP: the routes of [`crate::routes`] for actix-web.
//!
//! `door` is what every request passes, `operations` calls what it asks for, `response` makes a
//! response of the answer. `bell` serves the bell to everybody.

mod bell;
mod door;
mod operations;
mod response;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::{HttpRequest, web};

pub use self::bell::{BellService, bell_service};
use self::door::Door;
use crate::routes::TABLE;

/// The inbox of who is signed in, as JSON, below `path`, such as `/messages`: a service for an app or
/// a scope of actix-web. In a scope of its own the path may be empty.
///
/// The store and the user are those of the [`MessagesMiddleware`](crate::MessagesMiddleware) around
/// it. The routes never send, and a request that another site's page made changes nothing: they can
/// live on the app's own session cookie. Errors are `application/problem+json`.
/// [`inbox_openapi`](crate::inbox_openapi) has every route with what it takes and answers.
/// `{path}/bell/restante-bell.js` is the bell for the app's pages ([`bell_service`]).
///
/// ```
/// use actix_web::App;
/// use actix_web::test::{TestRequest, call_and_read_body_json, init_service};
/// use restante::{Key, MemoryStore, Message, MessagesMiddleware, Restante, inbox_service};
///
/// # #[actix_web::main] async fn main() -> Result<(), restante::Error> {
/// let restante = Restante::new(MemoryStore::new());
/// let messages = MessagesMiddleware::new(Key::generate())
///     .with_restante(restante.clone())
///     .with_user(|request| Some(request.headers().get("x-user")?.to_str().ok()?.to_owned()));
/// let app = App::new().wrap(messages).service(inbox_service("/messages"));
///
/// restante.send(Message::info("Export ready"), "alice").await?;
/// let app = init_service(app).await;
/// let request = TestRequest::get().uri("/messages/inbox").insert_header(("x-user", "alice"));
/// let page: serde_json::Value = call_and_read_body_json(&app, request.to_request()).await;
/// assert_eq!(page["items"][0]["message"], "Export ready");
/// assert_eq!(page["unread"], 1);
/// # Ok(()) }
/// ```
pub fn inbox_service(path: &str) -> InboxService {
    InboxService { path: path.to_owned(), door: Door::COOKIE }
}

/// What [`inbox_service`] gives.
#[derive(Clone, Debug)]
#[must_use = "a service does nothing until an app has it"]
pub struct InboxService {
    path: String,
    door: Door,
}

impl InboxService {
    /// The same routes for callers who prove who they are by a header that no browser sends by
    /// itself, such as `Authorization: Bearer`: pages of other sites may call them, if CORS lets
    /// them. The bell is not among them.
    ///
    /// Whose inbox it is, the middleware says; or one of the app's own that puts an
    /// [`Inbox`](crate::Inbox) into the request's extensions, which is all that these routes need.
    ///
    /// Never have these where a cookie is enough to be signed in: any site could then mark a
    /// visitor's messages read.
    ///
    /// ```
    /// use actix_web::{App, HttpMessage, dev::Service as _};
    /// use restante::{MemoryStore, Restante, inbox_service};
    ///
    /// let restante = Restante::new(MemoryStore::new());
    /// let app = App::new()
    ///     .service(inbox_service("/v1").for_tokens())
    ///     .wrap_fn(move |request, next| {
    ///         // … once the token was verified:
    ///         if let Ok(inbox) = restante.inbox("alice") {
    ///             request.extensions_mut().insert(inbox);
    ///         }
    ///         next.call(request)
    ///     });
    /// # let _ = app;
    /// ```
    pub fn for_tokens(self) -> Self {
        Self { door: Door::TOKEN, ..self }
    }
}

impl HttpServiceFactory for InboxService {
    fn register(self, config: &mut AppService) {
        let Self { path: below, door } = self;
        for (path, operations) in TABLE {
            let path = format!("{below}{path}");
            let mut resource = web::resource(vec![format!("{path}/"), path]);
            let mut allow = Vec::new();
            for &(method, operation) in operations {
                let answer = move |request: HttpRequest, body: web::Payload| async move {
                    door.answer(operation, request, body).await
                };
                // Whoever gets may also ask for the head, of which the server sends no body.
                let one = [method];
                let also: &[&str] = if method == "GET" { &["GET", "HEAD"] } else { &one };
                for method in also {
                    // The table has no others.
                    let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
                    resource = resource.route(web::method(method).to(answer));
                }
                allow.extend_from_slice(also);
            }
            let allow = allow.join(",");
            let other = move |request: HttpRequest| {
                let refused = door.refuse_method(&request, &allow);
                async move { refused }
            };
            resource.default_service(web::route().to(other)).register(config);
        }
        if door == Door::COOKIE {
            bell_service(&below).register(config);
        }
    }
}

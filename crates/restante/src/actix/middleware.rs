use std::future::{Future, Ready, ready};
use std::sync::Arc;

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpRequest};

use super::service::MessagesService;
use crate::flash::{FindUser, MaybeUser, Settings, UserSource, setters};

/// The middleware that gives every request its [`Messages`](crate::Messages), in actix-web.
///
/// Put it inside of the middleware that knows the user and the session: those are wrapped around it
/// later. Applied twice, the outer one acts. An idle request costs little more than an entry in its
/// extensions: no cookie is read, nobody is asked who is there, nothing is written.
///
/// ```
/// use actix_web::{App, HttpResponse, Responder, http::header::LOCATION, web};
/// use restante::{Key, Messages, MessagesMiddleware};
///
/// async fn save(messages: Messages) -> impl Responder {
///     messages.success("Profile saved");
///     HttpResponse::SeeOther().insert_header((LOCATION, "/profile")).finish()
/// }
///
/// // As plain text. In HTML a template has to escape what is said.
/// async fn profile(messages: Messages) -> String {
///     let shown = messages.take().await;
///     shown.iter().map(|m| format!("{}: {m}\n", m.level_tag)).collect()
/// }
///
/// # use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service};
/// # #[actix_web::main] async fn main() -> Result<(), restante::Error> {
/// let messages = MessagesMiddleware::new(Key::new(b"a secret that has at least 32 bytes")?);
/// let profile = web::resource("/profile").get(profile).post(save);
/// let app = App::new().wrap(messages).service(profile);
/// # let app = init_service(app).await;
/// # let saved = call_service(&app, TestRequest::post().uri("/profile").to_request()).await;
/// # let cookie = saved.headers().get("set-cookie").unwrap().clone();
/// # let page = TestRequest::get().uri("/profile").insert_header(("cookie", cookie)).to_request();
/// # assert_eq!(call_and_read_body(&app, page).await, "success: Profile saved\n");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a middleware does nothing until an app is wrapped in it"]
pub struct MessagesMiddleware {
    settings: Arc<Settings>,
}

setters!(MessagesMiddleware);

impl MessagesMiddleware {
    /// How to find the user: an id, or nothing when nobody is signed in, or a result of that, of
    /// which an error is logged and counts as nobody.
    ///
    /// Asked only where there is a store, when an extractor of this crate sees the request, and
    /// again when an earlier one found nobody. It should do no more than look; what takes time is
    /// for [`with_user_async`](Self::with_user_async).
    ///
    /// ```
    /// use actix_web::{HttpMessage, HttpRequest};
    /// use restante::{Key, MemoryStore, MessagesMiddleware, Restante};
    ///
    /// /// What the middleware that signs in leaves in the request's extensions.
    /// #[derive(Clone)]
    /// struct SignedIn(i64);
    ///
    /// let restante = Restante::new(MemoryStore::new());
    /// let messages = MessagesMiddleware::new(Key::generate())
    ///     .with_restante(restante.clone())
    ///     .with_user(|request: &HttpRequest| Some(request.extensions().get::<SignedIn>()?.0));
    /// # let _ = messages;
    /// ```
    pub fn with_user<F, R>(self, find: F) -> Self
    where
        F: Fn(&HttpRequest) -> R + Send + Sync + 'static,
        R: MaybeUser,
    {
        let find = FindUser::new(move |r: &HttpRequest| UserSource::from_answer(find(r)));
        self.with(|settings| settings.find_user = Some(find))
    }

    /// How to find the user when that takes time: the closure copies what it needs from the request
    /// and gives a future, which is polled only when something needs to know. Messages that only
    /// live in the cookie need nobody.
    ///
    /// The future can be sent to another thread, as [`Messages`](crate::Messages) can, so it keeps
    /// nothing of the request itself.
    ///
    /// ```
    /// use actix_web::HttpRequest;
    /// use restante::{Key, MemoryStore, MessagesMiddleware, Restante};
    ///
    /// # #[derive(Clone)] struct Database;
    /// impl Database {
    ///     async fn user_of(&self, token: String) -> Result<Option<String>, std::io::Error> {
    ///         // …
    /// #       let _ = token; Ok(None)
    ///     }
    /// }
    ///
    /// # let database = Database;
    /// let messages = MessagesMiddleware::new(Key::generate())
    ///     .with_restante(Restante::new(MemoryStore::new()))
    ///     .with_user_async(move |request: &HttpRequest| {
    ///         let token = request.headers().get("x-token").and_then(|token| token.to_str().ok());
    ///         let (token, database) = (token.unwrap_or_default().to_owned(), database.clone());
    ///         async move { database.user_of(token).await }
    ///     });
    /// # let _ = messages;
    /// ```
    pub fn with_user_async<F, R>(self, find: F) -> Self
    where
        F: Fn(&HttpRequest) -> R + Send + Sync + 'static,
        R: Future + Send + 'static,
        R::Output: MaybeUser,
    {
        let find = FindUser::new(move |r: &HttpRequest| UserSource::from_future(find(r)));
        self.with(|settings| settings.find_user = Some(find))
    }

    /// Messages that the cookie cannot hold go to the session of actix-session 0.11, whose
    /// middleware is outside of this one, so wrapped later.
    ///
    /// Where there is no such session, that is logged once, and the cookie is on its own. Take a
    /// session store that keeps things on the server: with `CookieSessionStore` the session is a
    /// cookie too, and actix-session answers 500 when it overflows.
    ///
    /// ```
    /// use actix_session::{SessionMiddleware, storage::CookieSessionStore};
    /// use actix_web::{App, cookie};
    /// use restante::{Key, MessagesMiddleware};
    ///
    /// let messages = MessagesMiddleware::new(Key::generate()).with_session();
    /// let sessions =
    ///     SessionMiddleware::new(CookieSessionStore::default(), cookie::Key::generate());
    /// // The one wrapped last is outside.
    /// let app = App::new().wrap(messages).wrap(sessions);
    /// # let _ = app;
    /// ```
    #[cfg(feature = "actix-session")]
    pub fn with_session(self) -> Self {
        self.with(|settings| settings.actix_session = true)
    }

    /// All messages go to the session, and none to the cookie. Where a request has no session, the
    /// cookie takes them after all.
    #[cfg(feature = "actix-session")]
    pub fn with_session_only(self) -> Self {
        self.with_session().with(|settings| settings.session_only = true)
    }
}

impl<S, B> Transform<S, ServiceRequest> for MessagesMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = MessagesService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(MessagesService::new(service, Arc::clone(&self.settings))))
    }
}

use std::future::Future;
use std::sync::Arc;

use http::request::Parts;
use tower_layer::Layer;

use super::MessagesService;
use crate::flash::{FindUser, MaybeUser, Sessions, Settings, UserSource, setters};

/// The layer that gives every request its [`Messages`](crate::Messages).
///
/// Put it inside of the layers that know the user and the session: those are added after it. Applied
/// twice, the outer one acts. An idle request costs little more than an entry in its extensions:
/// no cookie is read, nobody is asked who is there, nothing is written.
///
/// ```
/// use axum::{Router, response::Redirect, routing::get};
/// use restante::{Key, Messages, MessagesLayer};
///
/// async fn save(messages: Messages) -> Redirect {
///     messages.success("Profile saved");
///     Redirect::to("/profile")
/// }
///
/// // As plain text. In HTML a template has to escape what is said.
/// async fn profile(messages: Messages) -> String {
///     let shown = messages.take().await;
///     shown.iter().map(|m| format!("{}: {m}\n", m.level_tag)).collect()
/// }
///
/// # fn main() -> Result<(), restante::Error> {
/// let messages = MessagesLayer::new(Key::new(b"a secret that has at least 32 bytes")?);
/// let app: Router = Router::new().route("/profile", get(profile).post(save)).layer(messages);
/// # let _ = app; Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is applied to a router"]
pub struct MessagesLayer {
    settings: Arc<Settings>,
}

setters!(MessagesLayer);

impl MessagesLayer {
    /// How to find the user: an id, or nothing when nobody is signed in, or a result of that, of
    /// which an error is logged and counts as nobody.
    ///
    /// Asked only where there is a store, when an extractor of this crate sees the request, and
    /// again when an earlier one found nobody. It should do no more than look; what takes time is
    /// for [`with_user_async`](Self::with_user_async).
    ///
    /// ```
    /// use restante::{Key, MemoryStore, MessagesLayer, Restante};
    ///
    /// /// What the layer that signs in leaves in the request's extensions.
    /// #[derive(Clone)]
    /// struct SignedIn(i64);
    ///
    /// let restante = Restante::new(MemoryStore::new());
    /// let layer = MessagesLayer::new(Key::generate())
    ///     .with_restante(restante.clone())
    ///     .with_user(|parts| Some(parts.extensions.get::<SignedIn>()?.0));
    /// # let _ = layer;
    /// ```
    pub fn with_user<F, R>(self, find: F) -> Self
    where
        F: Fn(&Parts) -> R + Send + Sync + 'static,
        R: MaybeUser,
    {
        let find = FindUser::new(move |parts: &Parts| UserSource::from_answer(find(parts)));
        self.with(|settings| settings.find_user = Some(find))
    }

    /// How to find the user when that takes time: the closure copies what it needs from the request
    /// and gives a future, which is polled only when something needs to know. Messages that only
    /// live in the cookie need nobody.
    ///
    /// ```
    /// use restante::{Key, MemoryStore, MessagesLayer, Restante};
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
    /// let layer = MessagesLayer::new(Key::generate())
    ///     .with_restante(Restante::new(MemoryStore::new()))
    ///     .with_user_async(move |parts| {
    ///         let token = parts.headers.get("x-token").and_then(|token| token.to_str().ok());
    ///         let (token, database) = (token.unwrap_or_default().to_owned(), database.clone());
    ///         async move { database.user_of(token).await }
    ///     });
    /// # let _ = layer;
    /// ```
    pub fn with_user_async<F, R>(self, find: F) -> Self
    where
        F: Fn(&Parts) -> R + Send + Sync + 'static,
        R: Future + Send + 'static,
        R::Output: MaybeUser,
    {
        let find = FindUser::new(move |parts: &Parts| UserSource::from_future(find(parts)));
        self.with(|settings| settings.find_user = Some(find))
    }

    /// Where messages go that the cookie cannot hold: a session layer outside of this one.
    ///
    /// Where a request has no such session, that is logged once, and the cookie is on its own.
    pub fn with_session(self, sessions: impl Sessions) -> Self {
        self.with(|settings| settings.sessions = Some(Arc::new(sessions)))
    }

    /// All messages go to the session, which never overflows, and none to the cookie. Where a
    /// request has no session, the cookie takes them after all.
    pub fn with_session_only(self, sessions: impl Sessions) -> Self {
        self.with_session(sessions).with(|settings| settings.session_only = true)
    }
}

impl<S> Layer<S> for MessagesLayer {
    type Service = MessagesService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MessagesService::new(inner, Arc::clone(&self.settings))
    }
}

use std::future::Future;
use std::sync::Arc;

use http::request::Parts;
use tower_layer::Layer;

use super::MessagesService;
use crate::flash::{MaybeUser, SameSite, Sessions, Settings, UserSource};
use crate::{Key, Level, Restante};

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

impl MessagesLayer {
    /// Flash messages in a cookie signed with this key.
    pub fn new(key: Key) -> Self {
        Self { settings: Arc::new(Settings::new(key)) }
    }

    /// Flash messages in the cookie of a Django site on the same domain: each shows what the other
    /// said, the texts, levels and tags of it.
    ///
    /// Name and attributes are those of Django's defaults; say here what the site's settings say,
    /// such as [`with_secure(true)`](Self::with_secure) for `SESSION_COOKIE_SECURE` and
    /// [`with_cookie_domain`](Self::with_cookie_domain) for `SESSION_COOKIE_DOMAIN`. The cookie has
    /// no place for a message's url and data. Text that the site flagged safe is marked so, and is
    /// still text to be escaped. What the site put into its own session stays there.
    ///
    /// ```
    /// use restante::{DjangoKey, MessagesLayer};
    ///
    /// # fn main() -> Result<(), restante::Error> {
    /// let old = DjangoKey::new("what is in SECRET_KEY_FALLBACKS")?;
    /// let key = DjangoKey::new("the site's SECRET_KEY")?.with_fallback(old);
    /// let layer = MessagesLayer::for_django(key).with_secure(true);
    /// # let _ = layer; Ok(()) }
    /// ```
    #[cfg(feature = "django")]
    pub fn for_django(key: crate::DjangoKey) -> Self {
        Self::new(key.own()).with(|settings| settings.django = Some(key))
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Keeps the messages of signed-in users that ask for it, and shows those that wait. Takes
    /// [`with_user`](Self::with_user) or [`with_user_async`](Self::with_user_async) too.
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
    pub fn with_restante(self, restante: Restante) -> Self {
        self.with(|settings| settings.restante = Some(restante))
    }

    /// How to find the user: an id, or nothing when nobody is signed in, or a result of that, of
    /// which an error is logged and counts as nobody.
    ///
    /// Asked only where there is a store, when an extractor of this crate sees the request, and
    /// again when an earlier one found nobody. It should do no more than look; what takes time is
    /// for [`with_user_async`](Self::with_user_async).
    pub fn with_user<F, R>(self, find: F) -> Self
    where
        F: Fn(&Parts) -> R + Send + Sync + 'static,
        R: MaybeUser,
    {
        self.with(|settings| {
            settings.find_user =
                Some(Arc::new(move |parts: &Parts| UserSource::from_answer(find(parts))));
        })
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
        self.with(|settings| {
            settings.find_user =
                Some(Arc::new(move |parts: &Parts| UserSource::from_future(find(parts))));
        })
    }

    /// Which levels are kept until read although the message does not ask for it. By default the
    /// five stored twins. It replaces the list.
    ///
    /// ```
    /// use restante::{Key, Level, MessagesLayer};
    ///
    /// let layer = MessagesLayer::new(Key::generate())
    ///     .with_store_levels([Level::WARNING, Level::ERROR, Level::STORED_INFO]);
    /// # let _ = layer;
    /// ```
    pub fn with_store_levels(self, levels: impl IntoIterator<Item = Level>) -> Self {
        self.with(|settings| settings.store_levels = levels.into_iter().collect())
    }

    /// Messages below this level are dropped; [`Level::INFO`] unless told otherwise.
    pub fn with_min_level(self, level: Level) -> Self {
        self.with(|settings| settings.min_level = level)
    }

    /// Tags of levels, in front of the usual ones. An empty one leaves a level without.
    ///
    /// ```
    /// use restante::{Key, Level, MessagesLayer};
    ///
    /// const URGENT: Level = Level::new(50);
    /// let layer = MessagesLayer::new(Key::generate())
    ///     .with_level_tags([(URGENT, "urgent"), (Level::ERROR, "danger"), (Level::INFO, "")]);
    /// # let _ = layer;
    /// ```
    pub fn with_level_tags<T: Into<String>>(
        self,
        tags: impl IntoIterator<Item = (Level, T)>,
    ) -> Self {
        let tags = tags.into_iter().map(|(level, tag)| (level, tag.into()));
        self.with(|settings| settings.level_tags.extend(tags))
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

    /// Whether the browser sends the cookie over HTTPS only; it does not unless told so.
    pub fn with_secure(self, secure: bool) -> Self {
        self.with(|settings| settings.cookie.secure = secure)
    }

    /// The cookie's name; `messages` unless told otherwise.
    ///
    /// # Panics
    /// When the name is not that of a cookie.
    pub fn with_cookie_name(self, name: impl Into<String>) -> Self {
        let name = checked("cookie name", name.into());
        self.with(|settings| settings.cookie.name = name.into())
    }

    /// The path below which the cookie is sent; `/` unless told otherwise.
    ///
    /// # Panics
    /// When the path cannot stand in a header.
    pub fn with_cookie_path(self, path: impl Into<String>) -> Self {
        let path = checked("cookie path", path.into());
        self.with(|settings| settings.cookie.path = path.into())
    }

    /// The domain whose hosts all get the cookie; this host alone unless told otherwise.
    ///
    /// # Panics
    /// When the domain cannot stand in a header.
    pub fn with_cookie_domain(self, domain: impl Into<String>) -> Self {
        let domain = checked("cookie domain", domain.into());
        self.with(|settings| settings.cookie.domain = Some(domain))
    }

    /// When other sites' requests carry the cookie; [`SameSite::Lax`] unless told otherwise.
    pub fn with_same_site(self, same_site: SameSite) -> Self {
        self.with(|settings| settings.cookie.same_site = same_site)
    }
}

/// A cookie's part is a constant of the app's source, not input.
fn checked(field: &'static str, part: String) -> String {
    match crate::flash::check_part(field, &part) {
        Ok(()) => part,
        Err(error) => panic!("{error}"),
    }
}

impl<S> Layer<S> for MessagesLayer {
    type Service = MessagesService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MessagesService::new(inner, Arc::clone(&self.settings))
    }
}

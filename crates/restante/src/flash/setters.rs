//! What an app may set, in whichever framework.

/// The setters of a builder whose only field is `settings: Arc<Settings>`.
macro_rules! setters {
    ($name:ident) => {
        impl $name {
            /// Flash messages in a cookie signed with this key.
            pub fn new(key: $crate::Key) -> Self {
                Self { settings: std::sync::Arc::new($crate::flash::Settings::new(key)) }
            }

            /// Flash messages in the cookie of a Django site on the same domain: each shows what
            /// the other said, the texts, levels and tags of it.
            ///
            /// Name and attributes are those of Django's defaults; say here what the site's
            /// settings say, such as [`with_secure(true)`](Self::with_secure) for
            /// `SESSION_COOKIE_SECURE` and [`with_cookie_domain`](Self::with_cookie_domain) for
            /// `SESSION_COOKIE_DOMAIN`. The cookie has no place for a message's url and data. Text
            /// that the site flagged safe is marked so, and is still text to be escaped. What the
            /// site put into its own session stays there.
            ///
            /// ```
            #[doc = concat!(" use restante::{DjangoKey, ", stringify!($name), "};")]
            ///
            /// # fn main() -> Result<(), restante::Error> {
            /// let old = DjangoKey::new("what is in SECRET_KEY_FALLBACKS")?;
            /// let key = DjangoKey::new("the site's SECRET_KEY")?.with_fallback(old);
            #[doc = concat!(" let layer = ", stringify!($name), "::for_django(key).with_secure(true);")]
            /// # let _ = layer; Ok(()) }
            /// ```
            #[cfg(feature = "django")]
            pub fn for_django(key: $crate::DjangoKey) -> Self {
                Self::new(key.own()).with(|settings| settings.django = Some(key))
            }

            fn with(mut self, change: impl FnOnce(&mut $crate::flash::Settings)) -> Self {
                change(std::sync::Arc::make_mut(&mut self.settings));
                self
            }

            /// Keeps the messages of signed-in users that ask for it, and shows those that wait.
            /// Takes [`with_user`](Self::with_user) or [`with_user_async`](Self::with_user_async)
            /// too.
            pub fn with_restante(self, restante: $crate::Restante) -> Self {
                self.with(|settings| settings.restante = Some(restante))
            }

            /// Which levels are kept until read although the message does not ask for it. By
            /// default the five stored twins. It replaces the list.
            ///
            /// ```
            #[doc = concat!(" use restante::{Key, Level, ", stringify!($name), "};")]
            ///
            #[doc = concat!(" let layer = ", stringify!($name), "::new(Key::generate())")]
            ///     .with_store_levels([Level::WARNING, Level::ERROR, Level::STORED_INFO]);
            /// # let _ = layer;
            /// ```
            pub fn with_store_levels(self, levels: impl IntoIterator<Item = $crate::Level>) -> Self {
                self.with(|settings| settings.store_levels = levels.into_iter().collect())
            }

            /// Messages below this level are dropped; [`Level::INFO`](crate::Level::INFO) unless
            /// told otherwise.
            pub fn with_min_level(self, level: $crate::Level) -> Self {
                self.with(|settings| settings.min_level = level)
            }

            /// Tags of levels, in front of the usual ones. An empty one leaves a level without.
            ///
            /// ```
            #[doc = concat!(" use restante::{Key, Level, ", stringify!($name), "};")]
            ///
            /// const URGENT: Level = Level::new(50);
            #[doc = concat!(" let layer = ", stringify!($name), "::new(Key::generate())")]
            ///     .with_level_tags([(URGENT, "urgent"), (Level::ERROR, "danger"), (Level::INFO, "")]);
            /// # let _ = layer;
            /// ```
            pub fn with_level_tags<T: Into<String>>(
                self,
                tags: impl IntoIterator<Item = ($crate::Level, T)>,
            ) -> Self {
                let tags = tags.into_iter().map(|(level, tag)| (level, tag.into()));
                self.with(|settings| settings.level_tags.extend(tags))
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
                let name = $crate::flash::checked_part("cookie name", name.into());
                self.with(|settings| settings.cookie.name = name.into())
            }

            /// The path below which the cookie is sent; `/` unless told otherwise.
            ///
            /// # Panics
            /// When the path cannot stand in a header.
            pub fn with_cookie_path(self, path: impl Into<String>) -> Self {
                let path = $crate::flash::checked_part("cookie path", path.into());
                self.with(|settings| settings.cookie.path = path.into())
            }

            /// The domain whose hosts all get the cookie; this host alone unless told otherwise.
            ///
            /// # Panics
            /// When the domain cannot stand in a header.
            pub fn with_cookie_domain(self, domain: impl Into<String>) -> Self {
                let domain = $crate::flash::checked_part("cookie domain", domain.into());
                self.with(|settings| settings.cookie.domain = Some(domain))
            }

            /// When other sites' requests carry the cookie; [`SameSite::Lax`](crate::SameSite::Lax)
            /// unless told otherwise.
            pub fn with_same_site(self, same_site: $crate::SameSite) -> Self {
                self.with(|settings| settings.cookie.same_site = same_site)
            }
        }
    };
}

pub(crate) use setters;

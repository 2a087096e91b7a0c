//! Who is asking. Asked only when something needs to know, and asked again after "nobody".

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::User;

/// What an app's closure may answer when it is asked for the user: an id or nothing, or an error,
/// which is logged and counts as nobody.
///
/// ```
/// use restante::MaybeUser;
///
/// assert!(Some("alice").into_user().is_some());
/// assert!(Ok::<_, std::fmt::Error>(Some(7)).into_user().is_some());
/// assert!(Err::<Option<i64>, _>("no database").into_user().is_none());
/// ```
pub trait MaybeUser {
    /// The user.
    fn into_user(self) -> Option<User>;
}

impl<U: Into<User>> MaybeUser for Option<U> {
    fn into_user(self) -> Option<User> {
        self.map(Into::into)
    }
}

impl<U: Into<User>, E: fmt::Display> MaybeUser for Result<Option<U>, E> {
    fn into_user(self) -> Option<User> {
        self.unwrap_or_else(|error| {
            tracing::warn!(%error, "the user could not be found out; taken for nobody");
            None
        })
        .map(Into::into)
    }
}

/// The user, or how to find out.
#[derive(Default)]
pub(crate) enum UserSource {
    /// Nobody is signed in, as far as is known.
    #[default]
    Nobody,
    Known(User),
    /// A look-up that has not ended. Waiting for it may be broken off and taken up again.
    Pending(Pin<Box<dyn Future<Output = Option<User>> + Send>>),
}

impl UserSource {
    pub(crate) fn from_answer(answer: impl MaybeUser) -> Self {
        answer.into_user().map_or(Self::Nobody, Self::Known)
    }

    pub(crate) fn from_future<F>(future: F) -> Self
    where
        F: Future + Send + 'static,
        F::Output: MaybeUser,
    {
        Self::Pending(Box::pin(async move { future.await.into_user() }))
    }

    /// Waits for the look-up, if there is one. When this is dropped before it ends, the look-up
    /// stays where it is.
    pub(super) async fn user(&mut self) -> Option<User> {
        if let Self::Pending(look_up) = self {
            let found = look_up.as_mut().await;
            *self = found.map_or(Self::Nobody, Self::Known);
        }
        self.known()
    }

    /// The user, as far as is known.
    pub(super) fn known(&self) -> Option<User> {
        match self {
            Self::Known(user) => Some(user.clone()),
            Self::Nobody | Self::Pending(_) => None,
        }
    }

    pub(super) fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }
}

impl fmt::Debug for UserSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("Nobody"),
            Self::Known(user) => f.debug_tuple("Known").field(user).finish(),
            Self::Pending(_) => f.write_str("Pending"),
        }
    }
}

//! Who can sign in: whoever says one of these names. A real app asks for a password here.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Redirect;
use tower_sessions::Session;

/// Everybody there is.
pub(crate) const PEOPLE: [&str; 4] = ["mona", "hubert", "octavia", "grace"];

const KEY: &str = "person";

/// Somebody who is signed in. Pages that take one lead everybody else to the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person(pub(crate) &'static str);

impl Person {
    pub(crate) fn named(name: &str) -> Option<Self> {
        PEOPLE.iter().find(|known| **known == name).map(|known| Self(known))
    }

    /// Who this session is of.
    pub(crate) async fn of(session: &Session) -> Option<Self> {
        let name: String = session.get(KEY).await.ok().flatten()?;
        Self::named(&name)
    }

    pub(crate) async fn sign_in(
        &self,
        session: &Session,
    ) -> Result<(), tower_sessions::session::Error> {
        // A new id: one that somebody planted before is worth nothing.
        session.cycle_id().await?;
        session.insert(KEY, self.0).await
    }
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Redirect> {
        let session = parts.extensions.get::<Session>().cloned();
        let person = match session {
            Some(session) => Self::of(&session).await,
            None => None,
        };
        person.ok_or_else(|| Redirect::to("/sign-in"))
    }
}

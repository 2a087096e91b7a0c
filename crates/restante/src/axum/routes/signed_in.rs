use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use super::Problem;
use crate::{Inbox, MessagesRejection};

/// The inbox of who is asking; a problem when nobody is signed in.
pub(super) struct SignedIn(pub(super) Inbox);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // A layer that knows whose inbox it is spares the others their work.
        if let Some(inbox) = parts.extensions.remove::<Inbox>() {
            return Ok(Self(inbox));
        }
        let inbox = <Inbox as FromRequestParts<S>>::from_request_parts(parts, state).await;
        inbox.map(Self).map_err(refused)
    }
}

fn refused(rejection: MessagesRejection) -> Problem {
    if rejection.status() == StatusCode::UNAUTHORIZED {
        return Problem::new(
            StatusCode::UNAUTHORIZED,
            "urn:restante:problem:not-signed-in",
            "Sign in to see your messages",
            "these messages belong to a user, and nobody is signed in",
        );
    }
    // It says which call is missing in the app, which is no secret and helps who writes it.
    tracing::error!("{rejection}");
    Problem::new(
        rejection.status(),
        "urn:restante:problem:misconfigured",
        "The app is not set up for these routes",
        rejection.to_string(),
    )
}

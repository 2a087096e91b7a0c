use http::StatusCode;

use crate::flash::Framework;
use crate::{MessagesRejection, Problem};

/// Why there is no inbox to speak of.
pub(crate) fn refused(rejection: MessagesRejection, framework: Framework) -> Problem {
    let advice = rejection.advice(framework);
    if rejection.status() == StatusCode::UNAUTHORIZED {
        return Problem::new(
            StatusCode::UNAUTHORIZED,
            "urn:restante:problem:not-signed-in",
            "Sign in to see your messages",
            "these messages belong to a user, and nobody is signed in",
        );
    }
    // It says which call is missing in the app, which is no secret and helps who writes it.
    tracing::error!("{advice}");
    Problem::new(
        rejection.status(),
        "urn:restante:problem:misconfigured",
        "The app is not set up for these routes",
        advice,
    )
}

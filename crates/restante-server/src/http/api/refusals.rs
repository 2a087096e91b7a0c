//! What is answered to those who are not let in.

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use restante::{Error, Problem};

use crate::access::Scope;
use crate::access::tokens::Refused;
use crate::http::limits::TooOften;

/// Why a caller is not let in.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No key or token came, or more than one.
    Nobody { wanted: &'static str },
    /// A key that is unknown or revoked.
    Key,
    /// A token that is unknown or over.
    Token(Refused),
    /// A key that may not do this.
    Scope(Scope),
    /// A key where a token belongs, or the other way round.
    Kind(&'static str),
    /// A key that calls too often.
    TooOften(TooOften),
    /// It could not be found out.
    Failed(Error),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (kind, title, detail) = match self {
            Self::Nobody { wanted } => {
                ("urn:restante:problem:not-signed-in", "Say who you are", wanted.to_owned())
            }
            Self::Key => (
                "urn:restante:problem:bad-credentials",
                "This opens nothing",
                "this is no user's token, and no API key that is known and not revoked".to_owned(),
            ),
            Self::Token(refused) => (
                "urn:restante:problem:bad-credentials",
                "This opens nothing",
                match refused {
                    Refused::Unknown => "the token was not signed here",
                    Refused::Ended => "the token has ended; ask the app for a new one",
                    Refused::BadTimes => "the token begins later, or lasts longer than 30 days",
                }
                .to_owned(),
            ),
            Self::Scope(scope) => return forbidden(format!("this takes the scope `{scope}`")),
            Self::Kind(detail) => return forbidden(detail.to_owned()),
            Self::TooOften(too_often) => return too_often.into_response(),
            Self::Failed(error) => return Problem::from(error).into_response(),
        };
        let mut response =
            Problem::new(StatusCode::UNAUTHORIZED, kind, title, detail).into_response();
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        response
    }
}

fn forbidden(detail: String) -> Response {
    let (kind, title) = ("urn:restante:problem:forbidden", "This caller may not do that");
    Problem::new(StatusCode::FORBIDDEN, kind, title, detail).into_response()
}

impl From<TooOften> for Refusal {
    fn from(too_often: TooOften) -> Self {
        Self::TooOften(too_often)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

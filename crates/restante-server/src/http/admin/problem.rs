//! Every answer that is not the page that was asked for.

use std::error::Error as StdError;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use restante::{Error, ErrorKind};

use crate::http::App;

/// Why the page that was asked for is not the answer. What went wrong inside is logged whole and
/// told to nobody.
#[derive(Debug)]
pub(super) enum Problem {
    /// Nobody is signed in, or not any more; `back_to` is the page that was asked for.
    NotSignedIn { had_session: bool, back_to: String },
    /// A key that does not let in, with the reason, and after how many seconds to try again.
    Refused { status: StatusCode, reason: String, again_in: Option<u64>, back_to: String },
    /// The form did not come from our own page.
    Forbidden,
    /// There is no such page or thing.
    NotFound,
    /// The page is there and cannot be asked for like this.
    MethodNotAllowed,
    /// The address or form cannot be read.
    Unreadable(StatusCode),
    /// The library refused or failed.
    Restante(Error),
    /// Something else failed.
    Internal(Box<dyn StdError + Send + Sync>),
}

/// What is shown instead. It waits in the response for [`show`], which knows where we are.
#[derive(Clone)]
enum Shown {
    SignIn { error: String, note: &'static str, back_to: String },
    Words { title: &'static str, text: String },
}

#[derive(Template)]
#[template(path = "admin/sign_in.html")]
struct SignInPage<'a> {
    base: &'a str,
    error: String,
    note: &'static str,
    back_to: String,
}

#[derive(Template)]
#[template(path = "admin/problem.html")]
struct ProblemPage<'a> {
    base: &'a str,
    title: &'static str,
    text: String,
}

impl Problem {
    pub(super) fn internal(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn { .. } => StatusCode::UNAUTHORIZED,
            Self::Refused { status, .. } | Self::Unreadable(status) => *status,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Restante(error) => match error.kind() {
                ErrorKind::Invalid | ErrorKind::TooLarge => StatusCode::UNPROCESSABLE_ENTITY,
                ErrorKind::NotFound => StatusCode::NOT_FOUND,
                ErrorKind::Conflict => StatusCode::CONFLICT,
                ErrorKind::Transient => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    fn shown(self) -> Shown {
        let status = self.status();
        let (title, text) = match self {
            Self::NotSignedIn { had_session, back_to } => {
                let note =
                    if had_session { "Your session is over. Nothing was changed." } else { "" };
                return Shown::SignIn { error: String::new(), note, back_to };
            }
            Self::Refused { reason, back_to, .. } => {
                return Shown::SignIn { error: reason, note: "", back_to };
            }
            Self::Forbidden => (
                "This did not come from these pages",
                "Nothing was changed. If you pressed a button here, the page was too old: open it \
                 anew and press it again."
                    .to_owned(),
            ),
            Self::MethodNotAllowed => {
                ("Not like this", "This address cannot be used that way.".to_owned())
            }
            Self::Unreadable(StatusCode::PAYLOAD_TOO_LARGE) => (
                "This is too much at once",
                "A long list with its message is at most 64 MiB. Nothing was sent.".to_owned(),
            ),
            Self::Unreadable(_) => {
                ("This address or form is broken", "Nothing was changed.".to_owned())
            }
            Self::Restante(error) if status == StatusCode::UNPROCESSABLE_ENTITY => {
                // Refused input: the sentence names the field and holds nothing else.
                ("This cannot be shown", error.to_string())
            }
            _ => match status {
                StatusCode::NOT_FOUND => (
                    "Not found",
                    "There is nothing here. A message may have expired and left.".to_owned(),
                ),
                StatusCode::SERVICE_UNAVAILABLE => (
                    "Not now",
                    "The store does not answer for the moment. Try again soon.".to_owned(),
                ),
                _ => ("Something went wrong", "It has been written to the log.".to_owned()),
            },
        };
        Shown::Words { title, text }
    }

    fn log(&self) {
        match self {
            Self::Internal(error) => {
                let error: &(dyn StdError + 'static) = error.as_ref();
                tracing::error!(error, "an admin page failed");
            }
            Self::Restante(error) if error.backend().is_some() => {
                tracing::error!(error = error as &dyn StdError, "an admin page failed");
            }
            _ => {}
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let status = self.status();
        let again_in = match &self {
            Self::Refused { again_in, .. } => *again_in,
            _ => (status == StatusCode::SERVICE_UNAVAILABLE).then_some(5),
        };
        let mut response = (status, Extension(self.shown())).into_response();
        if let Some(seconds) = again_in {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Writes the pages of problems.
pub(super) async fn show(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(shown) = response.extensions_mut().remove::<Shown>() else {
        return response;
    };
    let base = app.site.base();
    let page = match shown {
        Shown::SignIn { error, note, back_to } => {
            SignInPage { base, error, note, back_to }.render()
        }
        Shown::Words { title, text } => ProblemPage { base, title, text }.render(),
    };
    let body = match page {
        Ok(page) => Html(page).into_response(),
        Err(_) => "Something went wrong.\n".into_response(),
    };
    let (head, body) = body.into_parts();
    response.headers_mut().extend(head.headers);
    *response.body_mut() = body;
    response
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Restante(error)
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

impl From<MultipartError> for Problem {
    fn from(error: MultipartError) -> Self {
        Self::Unreadable(error.status())
    }
}

/// Rejections of axum's own: only their status is told on.
macro_rules! unreadable {
    ($($rejection:ty),+) => {
        $(impl From<$rejection> for Problem {
            fn from(rejection: $rejection) -> Self {
                Self::Unreadable(rejection.status())
            }
        })+
    };
}

unreadable!(FormRejection, MultipartRejection, PathRejection, QueryRejection);

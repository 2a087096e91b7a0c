use std::error::Error as StdError;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use restante::{Error, ErrorKind};

use super::App;

/// An answer that is not the page that was asked for. What went wrong inside is logged whole and
/// told to nobody.
#[derive(Debug)]
pub(super) enum Problem {
    /// Nobody is signed in; `by_proxy` says who should have seen to it.
    NotSignedIn { by_proxy: bool },
    /// The ticket was used, has ended or never was.
    TicketEnded,
    /// The form did not come from our own page.
    Forbidden,
    /// There is no such page or item for this user.
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

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    base: &'a str,
    title: &'static str,
    text: String,
    /// Whether the inbox is worth another try.
    can_return: bool,
}

impl Problem {
    pub(super) fn internal(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn { .. } | Self::TicketEnded => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable(status) => *status,
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

    fn words(&self) -> (&'static str, String) {
        let (title, text) = match self {
            Self::NotSignedIn { by_proxy: true } => (
                "You are not signed in",
                "Sign in to the app that this inbox belongs to, then come back.",
            ),
            Self::NotSignedIn { by_proxy: false } => (
                "You are not signed in",
                "This inbox opens with a link from the app that it belongs to. Each link works \
                 once; the session lasts 12 hours.",
            ),
            Self::TicketEnded => (
                "This link no longer works",
                "It was used already, or its time is over. Ask the app for a new one.",
            ),
            Self::Forbidden => (
                "This did not come from your inbox",
                "Nothing was changed. If you pressed a button here, the page was too old: open \
                 the inbox and press it again.",
            ),
            Self::MethodNotAllowed => ("Not like this", "This address cannot be used that way."),
            Self::Unreadable(_) => {
                ("This address or form is broken", "Open the inbox and try again from there.")
            }
            _ => match self.status() {
                StatusCode::NOT_FOUND => (
                    "Not found",
                    "There is nothing here. A message may have expired, or been taken back.",
                ),
                StatusCode::SERVICE_UNAVAILABLE => {
                    ("Not now", "The messages cannot be reached for the moment. Try again soon.")
                }
                StatusCode::UNPROCESSABLE_ENTITY => {
                    // Refused input: the sentence names the field and holds nothing else.
                    let text = match self {
                        Self::Restante(error) => error.to_string(),
                        _ => String::new(),
                    };
                    return ("This cannot be shown", text);
                }
                _ => (
                    "Something went wrong",
                    "It is not your doing, and has been written down. Try again later.",
                ),
            },
        };
        (title, text.to_owned())
    }

    fn log(&self) {
        match self {
            Self::Internal(error) => {
                let error: &(dyn StdError + 'static) = error.as_ref();
                tracing::error!(error, "a page failed");
            }
            Self::Restante(error) if error.backend().is_some() => {
                tracing::error!(error = error as &dyn StdError, "a page failed");
            }
            _ => {}
        }
    }
}

/// What a problem's page says. It waits in the response for [`show`], which knows where we are.
#[derive(Clone)]
struct Words {
    title: &'static str,
    text: String,
    can_return: bool,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let (status, (title, text)) = (self.status(), self.words());
        let can_return = !matches!(self, Self::NotSignedIn { .. });
        let mut response = (status, Extension(Words { title, text, can_return })).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = header::HeaderValue::from_static("5");
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// Writes the pages of problems.
pub(super) async fn show(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(Words { title, text, can_return }) = response.extensions_mut().remove() else {
        return response;
    };
    let page = ProblemPage { base: app.site.base(), title, text, can_return };
    let body = match page.render() {
        Ok(page) => Html(page).into_response(),
        Err(_) => title.into_response(),
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

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::Unreadable(rejection.status())
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        Self::Unreadable(rejection.status())
    }
}

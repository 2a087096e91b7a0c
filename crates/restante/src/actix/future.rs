use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, SET_COOKIE};
use actix_web::{Error, HttpResponse, ResponseError};
use pin_project_lite::pin_project;

use crate::flash::{Ending, Exchange, Facts, Outcome, UNCACHED};

type Answered<B> = Result<ServiceResponse<B>, Error>;

pin_project! {
    /// The response of the middleware's service. An idle one passes as it is.
    pub struct MessagesFuture<F, B> {
        #[pin]
        inner: F,
        step: Step<B>,
    }
}

enum Step<B> {
    /// Another middleware of ours does the work.
    Passing,
    /// The handler is at work.
    Handling(Handling),
    /// The response is there, and what it needs is being found out and written.
    Finishing(Box<Finishing<B>>),
}

/// What is known of the request while its handler works.
pub(super) struct Handling {
    pub(super) exchange: Arc<Exchange>,
    pub(super) is_head: bool,
    #[cfg(feature = "actix-session")]
    pub(super) session: Option<actix_session::Session>,
}

/// Apart, because the future is moved about with every request, and this is rare.
struct Finishing<B> {
    answered: Option<Answered<B>>,
    outcome: Pin<Box<dyn Future<Output = Outcome> + Send>>,
    #[cfg(feature = "actix-session")]
    session: Option<actix_session::Session>,
}

impl<F, B> MessagesFuture<F, B> {
    pub(super) fn passing(inner: F) -> Self {
        Self { inner, step: Step::Passing }
    }

    pub(super) fn new(inner: F, handling: Handling) -> Self {
        Self { inner, step: Step::Handling(handling) }
    }
}

impl Handling {
    fn facts<B>(&self, answered: &Answered<B>) -> Facts {
        let status = match answered {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        // With an error the session's middleware writes nothing, and a purged session takes nothing.
        #[cfg(feature = "actix-session")]
        let keeps_session = answered.is_ok()
            && self.session.as_ref().is_none_or(|session| {
                !matches!(session.status(), actix_session::SessionStatus::Purged)
            });
        #[cfg(not(feature = "actix-session"))]
        let keeps_session = false;
        Facts { status: status.as_u16(), is_head: self.is_head, keeps_session }
    }
}

impl<F, B> Future for MessagesFuture<F, B>
where
    F: Future<Output = Answered<B>>,
{
    type Output = Answered<B>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answered<B>> {
        let this = self.project();
        match this.step {
            Step::Passing => return this.inner.poll(context),
            Step::Handling(handling) => {
                let answered = ready!(this.inner.poll(context));
                let outcome = match handling.exchange.finish(handling.facts(&answered)) {
                    Ending::Idle => return Poll::Ready(answered),
                    Ending::Now(outcome) => return Poll::Ready(apply(outcome, answered)),
                    Ending::Later(outcome) => outcome,
                };
                let finishing = Finishing {
                    answered: Some(answered),
                    outcome,
                    #[cfg(feature = "actix-session")]
                    session: handling.session.take(),
                };
                *this.step = Step::Finishing(Box::new(finishing));
            }
            Step::Finishing(_) => {}
        }
        let Step::Finishing(finishing) = this.step else { return Poll::Pending };
        let outcome = ready!(finishing.outcome.as_mut().poll(context));
        let Some(answered) = finishing.answered.take() else {
            // Polled after it was ready, which a future may answer as it likes.
            return Poll::Pending;
        };
        #[cfg(feature = "actix-session")]
        if let (Some(session), Ok(response)) = (&finishing.session, &answered) {
            super::session::put_back(session, response.request());
        }
        Poll::Ready(apply(outcome, answered))
    }
}

fn apply<B>(outcome: Outcome, answered: Answered<B>) -> Answered<B> {
    // A key or a cookie's parts that no header can hold were refused when they were configured.
    let set_cookie = outcome.set_cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok());
    match answered {
        Ok(mut response) => {
            set_headers(set_cookie, outcome.has_shown, response.headers_mut());
            Ok(response)
        }
        Err(error) => Err(Failed { error, set_cookie, has_shown: outcome.has_shown }.into()),
    }
}

fn set_headers(set_cookie: Option<HeaderValue>, has_shown: bool, headers: &mut HeaderMap) {
    if let Some(cookie) = set_cookie {
        headers.append(SET_COOKIE, cookie);
    }
    if has_shown && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(UNCACHED));
    }
}

/// What a middleware further in failed with. Its response is made further out, and is to have what
/// the outcome says all the same: messages are kept whatever the status.
struct Failed {
    error: Error,
    set_cookie: Option<HeaderValue>,
    has_shown: bool,
}

impl ResponseError for Failed {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        set_headers(self.set_cookie.clone(), self.has_shown, response.headers_mut());
        response
    }
}

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl<F: fmt::Debug, B> fmt::Debug for MessagesFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagesFuture").field("inner", &self.inner).finish_non_exhaustive()
    }
}

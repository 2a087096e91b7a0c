use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Response;
use http::header::{CACHE_CONTROL, HeaderValue, SET_COOKIE};
use pin_project_lite::pin_project;

use crate::flash::{Ending, Exchange, Facts, Outcome, UNCACHED};

pin_project! {
    /// The response of [`MessagesService`](crate::MessagesService). An idle one passes as it is.
    pub struct ResponseFuture<F, R> {
        #[pin]
        inner: F,
        step: Step<R>,
    }
}

enum Step<R> {
    /// Another layer of ours does the work.
    Passing,
    /// The handler is at work.
    Handling { exchange: Arc<Exchange>, is_head: bool },
    /// The response is there, and what it needs is being found out and written.
    Finishing(Box<Finishing<R>>),
}

/// Apart, because the future is moved about with every request, and this is rare.
struct Finishing<R> {
    response: Option<Response<R>>,
    outcome: Pin<Box<dyn Future<Output = Outcome> + Send>>,
}

impl<F, R> ResponseFuture<F, R> {
    pub(super) fn passing(inner: F) -> Self {
        Self { inner, step: Step::Passing }
    }

    pub(super) fn new(inner: F, exchange: Arc<Exchange>, is_head: bool) -> Self {
        Self { inner, step: Step::Handling { exchange, is_head } }
    }
}

impl<F, R, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.step {
            Step::Passing => return this.inner.poll(context),
            Step::Handling { exchange, is_head } => {
                let response = ready!(this.inner.poll(context))?;
                let (status, is_head) = (response.status().as_u16(), *is_head);
                let facts = Facts { status, is_head, keeps_session: true };
                let outcome = match exchange.finish(facts) {
                    Ending::Idle => return Poll::Ready(Ok(response)),
                    Ending::Now(outcome) => return Poll::Ready(Ok(apply(outcome, response))),
                    Ending::Later(outcome) => outcome,
                };
                let finishing = Finishing { response: Some(response), outcome };
                *this.step = Step::Finishing(Box::new(finishing));
            }
            Step::Finishing(_) => {}
        }
        let Step::Finishing(finishing) = this.step else { return Poll::Pending };
        let outcome = ready!(finishing.outcome.as_mut().poll(context));
        match finishing.response.take() {
            Some(response) => Poll::Ready(Ok(apply(outcome, response))),
            // Polled after it was ready, which a future may answer as it likes.
            None => Poll::Pending,
        }
    }
}

fn apply<R>(outcome: Outcome, mut response: Response<R>) -> Response<R> {
    let headers = response.headers_mut();
    // A key or a cookie's parts that no header can hold were refused when they were configured.
    if let Some(cookie) = outcome.set_cookie.and_then(|c| HeaderValue::try_from(c).ok()) {
        headers.append(SET_COOKIE, cookie);
    }
    if outcome.has_shown {
        let uncached = HeaderValue::from_static(UNCACHED);
        headers.entry(CACHE_CONTROL).or_insert(uncached);
    }
    response
}

impl<F: fmt::Debug, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("inner", &self.inner).finish_non_exhaustive()
    }
}

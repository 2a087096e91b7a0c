use actix_web::http::header::{ALLOW, CACHE_CONTROL, HeaderValue, VARY};
use actix_web::http::uri::Authority;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};

use super::operations::answer;
use super::response::respond;
use crate::actix::inbox::inbox_of;
use crate::flash::Framework;
use crate::routes::{Operation, PRIVATE, check_origin, method_not_allowed, refused};
use crate::{Inbox, Problem};

/// What every request passes: who may come in, and whose an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Door {
    /// Whether browsers prove by themselves who asks, so that other sites could let them.
    is_open_to_browsers: bool,
    /// By which header it is told whose inbox it is.
    depends_on: &'static str,
}

impl Door {
    pub(super) const COOKIE: Self = Self { is_open_to_browsers: true, depends_on: "Cookie" };
    pub(super) const TOKEN: Self = Self { is_open_to_browsers: false, depends_on: "Authorization" };

    pub(super) async fn answer(
        self,
        operation: Operation,
        request: HttpRequest,
        body: web::Payload,
    ) -> HttpResponse {
        let answered = match self.enter(&request).await {
            Ok(inbox) => answer(operation, &inbox, &request, body).await,
            Err(problem) => Err(problem),
        };
        let response = match answered {
            Ok(answer) => respond(answer, request.method()),
            Err(problem) => problem.error_response(),
        };
        self.kept_private(response)
    }

    /// The answer to a method that the path does not have.
    pub(super) fn refuse_method(self, request: &HttpRequest, allow: &str) -> HttpResponse {
        let mut response = match self.check_origin(request) {
            Ok(()) => method_not_allowed().error_response(),
            Err(problem) => return self.kept_private(problem.error_response()),
        };
        if let Ok(allow) = HeaderValue::from_str(allow) {
            response.headers_mut().insert(ALLOW, allow);
        }
        self.kept_private(response)
    }

    /// The inbox of who is asking.
    async fn enter(self, request: &HttpRequest) -> Result<Inbox, Problem> {
        self.check_origin(request)?;
        // A middleware that knows whose inbox it is spares the others their work.
        let known = request.extensions_mut().remove::<Inbox>();
        match known {
            Some(inbox) => Ok(inbox),
            None => inbox_of(request).await.map_err(|why| refused(why, Framework::Actix)),
        }
    }

    fn check_origin(self, request: &HttpRequest) -> Result<(), Problem> {
        if !self.is_open_to_browsers {
            return Ok(());
        }
        let authority = request.uri().authority().map(Authority::as_str);
        check_origin(request.method().as_str(), request.headers(), authority)
    }

    fn kept_private(self, mut response: HttpResponse) -> HttpResponse {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
        headers.append(VARY, HeaderValue::from_static(self.depends_on));
        response
    }
}

//! Errors as HTTP tells them: RFC 9457, `application/problem+json`.

use std::borrow::Cow;
use std::error::Error as StdError;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::Serialize;

use crate::{Error, ErrorKind};

/// Why a request was refused or failed, as `application/problem+json` (RFC 9457): what the inbox
/// routes answer, and an app may answer beside them.
///
/// ```
/// use axum::http::StatusCode;
/// use axum::response::IntoResponse;
/// use restante::{Error, Problem};
///
/// let refused = Problem::invalid("must be a number").with_field("page");
/// assert_eq!(refused.into_response().status(), StatusCode::UNPROCESSABLE_ENTITY);
///
/// let gone = Problem::from(Error::not_found("there is no such export"));
/// assert_eq!(gone.into_response().status(), StatusCode::NOT_FOUND);
/// ```
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "inbox-routes", derive(utoipa::ToSchema))]
#[cfg_attr(
    feature = "inbox-routes",
    schema(description = "Why a request was refused or failed (RFC 9457).")
)]
pub struct Problem {
    /// Which problem it is: `urn:restante:problem:` and one of `malformed`, `not-signed-in`,
    /// `cross-site`, `not-found`, `method-not-allowed`, `conflict`, `too-large`,
    /// `unsupported-media-type`, `invalid`, `internal`, `misconfigured`, `unsupported`,
    /// `unavailable`. Others may follow; these stay.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "inbox-routes", schema(example = "urn:restante:problem:invalid"))]
    kind: &'static str,
    /// The problem's name in words, the same each time.
    #[cfg_attr(feature = "inbox-routes", schema(example = "The input is not valid"))]
    title: &'static str,
    /// The status of the response.
    #[serde(serialize_with = "as_number")]
    #[cfg_attr(feature = "inbox-routes", schema(value_type = u16, example = 422))]
    status: StatusCode,
    /// What was wrong this time.
    #[cfg_attr(feature = "inbox-routes", schema(example = "must be `unread` or `archive`"))]
    detail: Cow<'static, str>,
    /// The part of the input that was refused, by its JSON name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "inbox-routes", schema(nullable = false, example = "view"))]
    field: Option<Cow<'static, str>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference to the field")]
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of this kind: a status, a stable type (a URI), its name in words, which is the same
    /// each time, and what was wrong this time.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind, title, status, detail: detail.into(), field: None }
    }

    /// Names the part of the input that was refused, by its JSON name.
    pub fn with_field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The request is not what it says it is.
    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "urn:restante:problem:malformed",
            "The request cannot be read",
            detail,
        )
    }

    /// The request can be read and breaks a rule.
    pub fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "urn:restante:problem:invalid",
            "The input is not valid",
            detail,
        )
    }
}

impl From<Error> for Problem {
    /// What the caller did is told; what happened inside is logged and told to nobody.
    fn from(error: Error) -> Self {
        let told = |status, kind, title| {
            let field = error.field().map(Cow::Borrowed);
            Self { field, ..Self::new(status, kind, title, error.detail().to_owned()) }
        };
        let source = &error as &dyn StdError;
        match error.kind() {
            ErrorKind::Invalid => told(
                StatusCode::UNPROCESSABLE_ENTITY,
                "urn:restante:problem:invalid",
                "The input is not valid",
            ),
            ErrorKind::TooLarge => told(
                StatusCode::UNPROCESSABLE_ENTITY,
                "urn:restante:problem:too-large",
                "The input is past a limit",
            ),
            ErrorKind::NotFound => told(
                StatusCode::NOT_FOUND,
                "urn:restante:problem:not-found",
                "There is no such thing",
            ),
            ErrorKind::Conflict => told(
                StatusCode::CONFLICT,
                "urn:restante:problem:conflict",
                "The key was used with other content",
            ),
            ErrorKind::Transient => {
                tracing::warn!(error = source, "a request was refused: the store is not ready");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "urn:restante:problem:unavailable",
                    "The messages cannot be reached for the moment",
                    "the same request may work in a few seconds",
                )
            }
            ErrorKind::Unsupported => {
                tracing::warn!(error = source, "a request was refused: the store cannot do it");
                Self::new(
                    StatusCode::NOT_IMPLEMENTED,
                    "urn:restante:problem:unsupported",
                    "This cannot be done here",
                    "the store behind these messages cannot do it",
                )
            }
            ErrorKind::Internal => {
                tracing::error!(error = source, "a request failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "urn:restante:problem:internal",
                    "Something went wrong",
                    "it is not your doing, and has been written down",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Strings and a number: there is nothing that could fail.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// `application/problem+json` with the status of the error's kind: 422 for input that breaks a rule
/// or is past a limit, 404, 409, 503 with `Retry-After`, 501, and 500, which is logged whole and
/// tells the client nothing.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

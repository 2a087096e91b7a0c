//! Errors as HTTP tells them: RFC 9457, `application/problem+json`.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use serde::Serialize;

use crate::{Error, ErrorKind};

/// Why a request was refused or failed, as `application/problem+json` (RFC 9457): what the inbox
/// routes answer, and an app may answer beside them.
///
/// ```
/// use restante::{Error, Problem};
///
/// let refused = Problem::invalid("must be a number").with_field("page");
/// assert_eq!(refused.status().as_u16(), 422);
///
/// let gone = Problem::from(Error::not_found("there is no such export"));
/// assert_eq!(gone.status().as_u16(), 404);
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

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The response's body.
    pub(crate) fn body(&self) -> Vec<u8> {
        // Strings and a number: there is nothing that could fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether the same request may work in a few seconds.
    pub(crate) fn passes(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// What the caller did is told; what happened inside is logged and told to nobody.
    pub(crate) fn of(error: &Error) -> Self {
        let (status, source) = (status_of(error), error as &dyn StdError);
        let told = |kind, title| {
            let field = error.field().map(Cow::Borrowed);
            Self { field, ..Self::new(status, kind, title, error.detail().to_owned()) }
        };
        match error.kind() {
            ErrorKind::Invalid => told("urn:restante:problem:invalid", "The input is not valid"),
            ErrorKind::TooLarge => {
                told("urn:restante:problem:too-large", "The input is past a limit")
            }
            ErrorKind::NotFound => told("urn:restante:problem:not-found", "There is no such thing"),
            ErrorKind::Conflict => {
                told("urn:restante:problem:conflict", "The key was used with other content")
            }
            ErrorKind::Transient => {
                tracing::warn!(error = source, "a request was refused: the store is not ready");
                Self::new(
                    status,
                    "urn:restante:problem:unavailable",
                    "The messages cannot be reached for the moment",
                    "the same request may work in a few seconds",
                )
            }
            ErrorKind::Unsupported => {
                tracing::warn!(error = source, "a request was refused: the store cannot do it");
                Self::new(
                    status,
                    "urn:restante:problem:unsupported",
                    "This cannot be done here",
                    "the store behind these messages cannot do it",
                )
            }
            ErrorKind::Internal => {
                tracing::error!(error = source, "a request failed");
                Self::new(
                    status,
                    "urn:restante:problem:internal",
                    "Something went wrong",
                    "it is not your doing, and has been written down",
                )
            }
        }
    }
}

/// The status with which an error is told.
pub(crate) fn status_of(error: &Error) -> StatusCode {
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::TooLarge => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Transient => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// How long a client waits before it asks again, in seconds: the header `Retry-After`.
pub(crate) const RETRY_AFTER_SECONDS: &str = "5";

impl From<Error> for Problem {
    /// What the caller did is told; what happened inside is logged and told to nobody.
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

impl StdError for Problem {}

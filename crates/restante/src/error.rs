//! The crate's one error: opaque, with a kind to act on and a source to log.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What went wrong, in terms of what the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input breaks a rule; [`Error::field`] names the field. Nothing was done.
    Invalid,
    /// There is no such thing, or it belongs to somebody else.
    NotFound,
    /// The idempotency key was used before with other content.
    Conflict,
    /// The input is past a limit; [`Error::field`] names the field. Nothing was done.
    TooLarge,
    /// The store could not do it now (busy, full, unreachable); the same call may work later.
    Transient,
    /// This store cannot do it.
    Unsupported,
    /// A fault of the store or of this crate. Log it whole; show the user nothing.
    Internal,
}

/// The error of every fallible operation of this crate.
///
/// Its text is one sentence for whoever reads the log. It is opaque: ask [`kind`](Error::kind),
/// [`field`](Error::field) or a predicate rather than its text. The cause, where there is one, is
/// kept whole behind [`source`](StdError::source).
///
/// ```
/// use restante::UserId;
///
/// let error = UserId::new("*").unwrap_err();
/// assert!(error.is_invalid());
/// assert_eq!(error.field(), Some("user"));
/// assert_eq!(error.to_string(), "user: `*` stands for everyone and cannot be a user's id");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    field: Option<&'static str>,
    backend: Option<&'static str>,
    message: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            field: None,
            backend: None,
            message: message.into(),
            source: None,
        }))
    }

    /// The value of `field` breaks a rule; `message` says which and what is allowed.
    pub fn invalid(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, message).with_field(field)
    }

    /// The value of `field` is past a limit; `message` names the limit.
    pub fn too_large(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::TooLarge, message).with_field(field)
    }

    /// There is no such thing for this caller.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// An idempotency key met other content than before.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Conflict, message).with_field("key")
    }

    /// The store cannot do it now.
    pub fn transient(backend: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Transient, message).with_backend(backend)
    }

    /// The store cannot do it at all.
    pub fn unsupported(backend: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unsupported, message).with_backend(backend)
    }

    /// A fault that no caller can mend.
    pub fn internal(backend: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Internal, message).with_backend(backend)
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same for another caller who was refused with this one. The source stays behind.
    #[cfg(any(feature = "mysql", feature = "postgres", feature = "redis", feature = "sqlite"))]
    pub(crate) fn repeated(&self) -> Self {
        let Inner { kind, field, backend, message, .. } = &*self.0;
        let mut error = Self::new(*kind, message.clone());
        (error.0.field, error.0.backend) = (*field, *backend);
        error
    }

    fn with_field(mut self, field: &'static str) -> Self {
        self.0.field = Some(field);
        self
    }

    fn with_backend(mut self, backend: &'static str) -> Self {
        self.0.backend = Some(backend);
        self
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, without the field or the store's name in front.
    pub fn detail(&self) -> &str {
        &self.0.message
    }

    /// The input's field that was refused, by its JSON name.
    pub fn field(&self) -> Option<&'static str> {
        self.0.field
    }

    /// The store that reported the fault, by its [`name`](crate::Store::name).
    pub fn backend(&self) -> Option<&'static str> {
        self.0.backend
    }

    /// Whether the input broke a rule.
    pub fn is_invalid(&self) -> bool {
        self.0.kind == ErrorKind::Invalid
    }

    /// Whether there is no such thing for this caller.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether an idempotency key met other content.
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// Whether the input was past a limit.
    pub fn is_too_large(&self) -> bool {
        self.0.kind == ErrorKind::TooLarge
    }

    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        self.0.kind == ErrorKind::Transient
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.field, self.0.backend) {
            (Some(field), _) => write!(f, "{field}: {}", self.0.message),
            (None, Some(backend)) => write!(f, "{backend}: {}", self.0.message),
            (None, None) => f.write_str(&self.0.message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("field", &self.0.field)
            .field("backend", &self.0.backend)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

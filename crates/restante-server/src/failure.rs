//! What ends a verb: one sentence for whoever typed it.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// Why a verb could not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library refused or failed.
    Restante(restante::Error),
    /// Reading or writing failed; the text says what was read or written.
    Io(String, io::Error),
    /// Anything else, already a sentence with what to do.
    Said(String),
}

impl Failure {
    /// A failure that is told by this sentence.
    pub(crate) fn said(sentence: impl Into<String>) -> Self {
        Self::Said(sentence.into())
    }

    /// Whether the same may succeed later, without anything being changed.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Restante(error) if error.is_transient())
    }

    /// Whether whoever read the output has gone, which is no fault.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io(_, error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(sentence) => f.write_str(sentence),
            Self::Io(what, error) => write!(f, "{what}: {error}"),
            Self::Restante(error) => {
                write!(f, "{error}")?;
                // A refused input says all in its first sentence; a failing store seldom does. What
                // is behind that again repeats it with numbers.
                if let (Some(_), Some(cause)) = (error.backend(), error.source()) {
                    write!(f, " ({cause})")?;
                }
                if error.is_conflict() {
                    f.write_str("; give another key to send this too")?;
                }
                Ok(())
            }
        }
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Restante(error) => Some(error),
            Self::Io(_, error) => Some(error),
            Self::Said(_) => None,
        }
    }
}

impl From<restante::Error> for Failure {
    fn from(error: restante::Error) -> Self {
        Self::Restante(error)
    }
}

//! What PostgreSQL's errors mean to a caller.

use tokio_postgres::error::SqlState;

use super::NAME;
use crate::Error;

/// Says what an error means, and keeps it as the cause.
pub(crate) fn error(source: tokio_postgres::Error) -> Error {
    let meaning = match source.code() {
        Some(code) => of_code(code),
        None if is_tls_refused(&source) => Error::internal(
            NAME,
            "the server does not speak TLS, or its certificate is not what `sslmode` asks for; its \
             cause says more",
        ),
        None if is_lost(&source) => Error::transient(
            NAME,
            "the server cannot be reached, or the connection broke off; try again",
        ),
        None => Error::internal(NAME, "an unexpected error; its cause says more"),
    };
    meaning.with_source(source)
}

/// Whether the connection is gone, so that another one may fare better.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    use std::error::Error as _;
    match error.code() {
        Some(code) => {
            // The server goes away, or the pooler has taken another connection for us.
            code.code().starts_with("08")
                || code.code().starts_with("57P")
                || is_stale(error)
                || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        }
        None if is_tls_refused(error) => false,
        None => {
            error.is_closed()
                || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
                || is_connecting(error)
        }
    }
}

/// Whether it is for TLS itself that there is no connection: one that broke off meanwhile is lost like
/// any other.
fn is_tls_refused(error: &tokio_postgres::Error) -> bool {
    use std::error::Error as _;
    let source = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    // What rustls objects to comes as invalid data.
    let is_broken = source.is_some_and(|source| source.kind() != std::io::ErrorKind::InvalidData);
    error.to_string().starts_with("error performing TLS handshake") && !is_broken
}

/// The driver does not say in which step it failed but by its text.
fn is_connecting(error: &tokio_postgres::Error) -> bool {
    let text = error.to_string();
    text.starts_with("error connecting to server")
        || text.starts_with("error communicating with the server")
        || text.starts_with("timeout waiting for server")
}

/// Whether the connection's prepared statements are of no use any more: another program changed the
/// tables, or a pooler gave the connection to somebody else.
pub(super) fn is_stale(error: &tokio_postgres::Error) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::INVALID_SQL_STATEMENT_NAME | &SqlState::FEATURE_NOT_SUPPORTED)
    )
}

fn of_code(code: &SqlState) -> Error {
    let transient = |message| Error::transient(NAME, message);
    let internal = |message| Error::internal(NAME, message);
    match (&code.code()[..2], code) {
        (_, &SqlState::DISK_FULL) => {
            transient("the server's disk is full: nothing was written; make room and try again")
        }
        (_, &SqlState::TOO_MANY_CONNECTIONS) => {
            transient("the server has no connection left (`max_connections`); try again")
        }
        ("53" | "58", _) => transient("the server is out of something it needs; try again"),
        ("08", _) => transient("the connection to the server broke off; try again"),
        ("57", &SqlState::QUERY_CANCELED) => {
            transient("the server took too long (`statement_timeout`); try again")
        }
        ("57", _) => transient("the server is starting or stopping; try again"),
        ("40", _) | (_, &SqlState::LOCK_NOT_AVAILABLE) => {
            transient("another program held what was to be written; try again")
        }
        ("25", &SqlState::READ_ONLY_SQL_TRANSACTION) => {
            transient("the server takes no writes (a standby?); try again")
        }
        ("26", _) => transient(
            "a pooler gave the connection to somebody else; it has to support prepared statements",
        ),
        ("28", _) => internal("the server refused the user or the password"),
        ("3D", _) => internal("the database does not exist"),
        ("42", &SqlState::INSUFFICIENT_PRIVILEGE) => {
            internal("the user may not do this in the database")
        }
        _ => internal("an unexpected error; its cause says more"),
    }
}

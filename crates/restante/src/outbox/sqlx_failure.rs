//! What sqlx's errors mean to a caller.

use crate::Error;

/// Says what an error means, and keeps it as the cause. `name` is the store's.
pub(super) fn error(name: &'static str, source: sqlx::Error) -> Error {
    let meaning = match &source {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Error::transient(
            name,
            "the server cannot be reached, or the connection broke off; try again",
        ),
        sqlx::Error::Database(refused) if refused.code().is_some_and(|code| may_pass(&code)) => {
            Error::transient(name, "the server cannot do it now; try again")
        }
        sqlx::Error::Database(refused) if refused.code().is_some_and(|code| is_missing(&code)) => {
            Error::internal(name, "there is no `restante_outbox` here: the store makes it")
        }
        _ => Error::internal(name, "an unexpected error; its cause says more"),
    };
    meaning.with_source(source)
}

/// Whether the same may work later, by the standard's classes of states, which both servers use: a
/// connection that broke off, a transaction that got into another's way, something that is used up, a
/// server that stops.
fn may_pass(code: &str) -> bool {
    ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03"
}

fn is_missing(code: &str) -> bool {
    matches!(code, "42P01" | "42S02")
}

//! An app's side: its service, its runtimes, its users' ids.

use std::path::Path;

use restante::{Restante, SqliteStore};
use tokio::runtime::{Builder, Runtime};

use crate::Result;

/// The service on a file, as an app opens it, doing nothing by itself: upkeep would fall on one
/// side's time by chance.
pub(crate) fn open(file: &Path) -> Result<Restante> {
    let store = one_thread()?.block_on(SqliteStore::open(file))?;
    Ok(Restante::new(store).without_background())
}

/// A runtime that does everything on the thread that waits for it.
pub(crate) fn one_thread() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A runtime as a server has it, on two threads.
pub(crate) fn two_threads() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// The id by which the app knows a user.
pub(crate) fn user(number: usize) -> String {
    format!("user-{number}")
}

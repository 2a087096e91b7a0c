//! Messages of a Django site, brought into a store.
//!
//! | file | what it does |
//! |---|---|
//! | `source` | where the site keeps them, as `--source` says |
//! | `tables/` | the two apps' tables in SQLite, PostgreSQL and MySQL, read as one stream |
//! | `lists` | what stored-messages keeps in Redis |
//! | `found` | a message as it was found, before anything is judged |
//! | `dates`, `fitting` | what becomes of its date, and of what our limits refuse |
//! | `times` | when it leaves inbox and archive |
//! | `key` | the idempotency key by which it is imported once, however often that is tried |
//! | `importer` | sends it, many at once and in order |
//! | `report` | what was imported, left out and changed |
//!
//! Nothing is kept of how far an import got: each message has a key that is made of what it is, so an
//! import that was killed is run again from its beginning and finds what is there already. What was
//! read in Django is sent as a message whose time in the inbox is over, which is how the contract
//! says "in the archive, not unread, and nobody knows when it was read". So a message and its state
//! are one write, and a second run changes nothing of what a user did since.

mod dates;
mod fitting;
mod found;
mod importer;
mod key;
mod lists;
mod report;
mod source;
mod tables;
mod times;

use std::sync::Arc;

use restante::Store;

pub(crate) use self::dates::Zone;
use self::importer::Importer;
pub(crate) use self::report::{Line, Report};
pub(crate) use self::source::{App, Source};
pub(crate) use self::times::{ExpireFrom, Times};
use crate::failure::Failure;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) source: Source,
    /// One of the apps, or all that are there.
    pub(crate) app: Option<App>,
    /// In which zone dates without one were written.
    pub(crate) zone: Zone,
    pub(crate) times: Times,
}

/// Reads the source and sends what is in it to the store; without one it only counts. What was done
/// until a failure is in the report too.
pub(crate) async fn run(
    plan: &Plan,
    store: Option<Arc<dyn Store>>,
) -> (Report, Result<(), Failure>) {
    let mut importer = Importer::new(plan, store);
    let read = async |importer: &mut Importer<'_>| {
        importer.look_for_earlier_import().await?;
        match &plan.source {
            Source::Sqlite(file) => tables::read_sqlite(file, plan.app, importer).await,
            Source::Postgres(url) => tables::read_postgres(url, plan.app, importer).await,
            Source::Mysql(url) => tables::read_mysql(url, plan.app, importer).await,
            Source::Redis(url) => lists::read(url, plan.app, importer).await,
        }?;
        importer.finish().await
    };
    let done = read(&mut importer).await;
    (importer.into_report(), done)
}

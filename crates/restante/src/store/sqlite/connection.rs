//! Opening connections, and what SQLite's errors mean to a caller.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Durability, NAME, SqliteOptions};
use crate::Error;

/// Opens a connection for the writer, or one that cannot write.
pub(super) fn open(
    path: &Path,
    options: &SqliteOptions,
    read_only: bool,
) -> rusqlite::Result<Connection> {
    // Without the URI flag: a path is a path, whatever it looks like. Each connection stays with
    // one thread at a time, so SQLite need not lock it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(128);
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
        Durability::Off => "OFF",
    };
    connection.execute_batch(&format!(
        "PRAGMA synchronous={synchronous}; PRAGMA mmap_size={}; PRAGMA cache_size=-16384;
         PRAGMA wal_autocheckpoint=16000; PRAGMA temp_store=MEMORY; PRAGMA query_only={};",
        options.mmap_bytes,
        u8::from(read_only),
    ))?;
    Ok(connection)
}

/// Says what an error of SQLite means to the caller.
pub(crate) fn error(source: rusqlite::Error) -> Error {
    let code = source.sqlite_error_code();
    let error = match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::transient(NAME, "the database is busy: another process holds it; try again")
        }
        Some(ErrorCode::DiskFull) => {
            Error::transient(NAME, "the disk is full: nothing was written; make room and try again")
        }
        Some(ErrorCode::SystemIoFailure) => {
            Error::transient(NAME, "the disk failed to read or write (is it full?); try again")
        }
        Some(ErrorCode::CannotOpen) => Error::internal(
            NAME,
            "the database file cannot be opened: is there its folder, may this process use both, \
                 and is it a file?",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            Error::internal(NAME, "the database file may not be written by this process")
        }
        Some(ErrorCode::NotADatabase) => Error::internal(NAME, "the file is not a SQLite database"),
        Some(ErrorCode::DatabaseCorrupt) => Error::internal(NAME, "the database file is damaged"),
        _ => Error::internal(NAME, "an unexpected error; its cause says more"),
    };
    error.with_source(source)
}

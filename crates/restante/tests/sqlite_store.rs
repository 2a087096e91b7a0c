//! The conformance suite on SQLite.

#![expect(clippy::unwrap_used, reason = "a harness that fails panics")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use restante::conformance::Harness;
use restante::store::OutboxRow;
use restante::{Durability, SqliteOptions, SqliteStore, Store, async_trait};
use rusqlite::Connection;
use tempfile::TempDir;

/// Files in a folder of their own, one for each store.
struct OnSqlite {
    folder: TempDir,
    files: AtomicUsize,
    part_size: AtomicUsize,
    /// Another program's connection, which knows nothing of the store.
    outside: Mutex<Option<Connection>>,
}

impl OnSqlite {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            files: AtomicUsize::new(0),
            part_size: AtomicUsize::new(0),
            outside: Mutex::new(None),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(format!("{}.db", self.files.load(Ordering::Relaxed)))
    }

    async fn open(&self) -> SqliteStore {
        let part_size = self.part_size.load(Ordering::Relaxed);
        let options = SqliteOptions::new().durability(Durability::Off).part_size(part_size);
        options.open(self.file()).await.unwrap()
    }
}

#[async_trait]
impl Harness for OnSqlite {
    async fn store(&self, part_size: usize) -> Arc<dyn Store> {
        *self.outside.lock().unwrap() = None;
        let _ = std::fs::remove_file(self.file());
        self.files.fetch_add(1, Ordering::Relaxed);
        self.part_size.store(part_size, Ordering::Relaxed);
        Arc::new(self.open().await)
    }

    async fn second_handle(&self) -> Arc<dyn Store> {
        Arc::new(self.open().await)
    }

    async fn leave(&self, row: OutboxRow) {
        let mut outside = self.outside.lock().unwrap();
        let outside = outside.get_or_insert_with(|| {
            let connection = Connection::open(self.file()).unwrap();
            connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
            connection
        });
        let OutboxRow { recipient, message, level, tags, url, data, expires_at, key } = row;
        outside
            .execute(
                "INSERT INTO restante_outbox(recipient, message, level, tags, url, data,
                 expires_at, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                (recipient, message, level, tags, url, data, expires_at, key),
            )
            .unwrap();
    }
}

restante::conformance_tests!(OnSqlite::new());

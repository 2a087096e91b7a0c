use std::path::Path;
use std::time::Duration;

use super::SqliteStore;
use crate::Error;

/// How a file is opened. The defaults suit an app that shares one machine with its database.
///
/// ```
/// use restante::{Durability, SqliteOptions};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// # let folder = tempfile::tempdir().unwrap(); let path = folder.path().join("test.db");
/// let store = SqliteOptions::new().durability(Durability::Off).open(&path).await?;
/// # let _ = store;
/// let nowhere = SqliteOptions::new().open(":memory:").await.unwrap_err();
/// assert_eq!(nowhere.field(), Some("path"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub(super) part_size: usize,
    pub(super) durability: Durability,
    pub(super) mmap_bytes: i64,
    pub(super) busy_timeout: Duration,
}

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Loss of power: one fsync for each group of writes (`synchronous=FULL`).
    #[default]
    Full,
    /// A crash of the process, not always of the machine: no fsync for a write
    /// (`synchronous=NORMAL`). The file stays whole.
    Normal,
    /// A crash of the process. Loss of power may destroy the file (`synchronous=OFF`): for tests.
    Off,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            part_size: 2_000,
            durability: Durability::Full,
            // Readers on several threads share no lock when they read the file by mmap.
            mmap_bytes: 1 << 30,
            busy_timeout: Duration::from_secs(10),
        }
    }
}

impl SqliteOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many users of a long list get the message in one transaction, 1–10,000; 2,000 unless
    /// told otherwise. Larger parts are faster and keep other senders waiting longer.
    pub fn part_size(mut self, users: usize) -> Self {
        self.part_size = users.clamp(1, 10_000);
        self
    }

    /// What an acknowledged write survives; by default the loss of power.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How much of the file is read by mmap, in bytes; 1 GiB unless told otherwise.
    pub fn mmap_bytes(mut self, bytes: u64) -> Self {
        self.mmap_bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self
    }

    /// How long a write waits for another process's transaction; 10 seconds unless told otherwise.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Opens the file, makes it if it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// `Invalid` for a path that is not a file's, `Transient` when the file is busy or the disk
    /// full, `Internal` when it is not a database or was written by a newer version.
    pub async fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, Error> {
        SqliteStore::open_with(path.as_ref().to_owned(), self).await
    }
}

use std::time::Duration;

use super::PostgresStore;
use crate::Error;

/// How a database is used. The defaults suit an app with a PostgreSQL near by.
///
/// ```
/// use restante::PostgresOptions;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let options = PostgresOptions::new().part_size(1_000);
/// let error = options.connect("mysql://localhost/app").await.unwrap_err();
/// assert_eq!(error.field(), Some("database"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    pub(super) part_size: usize,
    pub(super) connections: usize,
    pub(super) patience: Duration,
    pub(super) listens_at: Option<String>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        let patience = Duration::from_secs(10);
        Self { part_size: 2_000, connections: 2, patience, listens_at: None }
    }
}

impl PostgresOptions {
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

    /// Over how many connections pages and counts are read, 1–64; 2 unless told otherwise. Any
    /// number of callers share them; more make use of more of the server's processors. Beside them
    /// there are one for writing and, while they are needed, up to four for long reads.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.clamp(1, 64);
        self
    }

    /// How long a page, a count or a lock may take before the caller is told to try again; 10
    /// seconds unless told otherwise.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Where hints of other processes are heard: the server's own URL, where the other one is that of
    /// a pooler in transaction mode, through which `LISTEN` does nothing. Without it such hints are
    /// missed, and others' messages are seen with the next read.
    pub fn listen_at(mut self, url: impl Into<String>) -> Self {
        self.listens_at = Some(url.into());
        self
    }

    /// Connects to `postgres://user:password@host:port/database` and brings its tables up to date.
    ///
    /// What libpq knows may follow as `?key=value&…`. `sslmode` is `disable`, `prefer` (encrypted
    /// where the server offers it; the default), `require` (always encrypted), `verify-ca` or
    /// `verify-full` (the certificate is checked too, by those of `sslrootcert` or the system's).
    ///
    /// # Errors
    /// `Invalid` for a URL that is none, `Transient` when the server cannot be reached, `Internal`
    /// when it refuses the user, or the tables were made by a newer version.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, Error> {
        PostgresStore::connect_with(url, &self).await
    }

    /// The same without connecting: the store is there at once, and does what it is asked as soon as
    /// the server is. Until then its errors are `Transient`.
    ///
    /// # Errors
    /// `Invalid` for a URL that is none.
    pub fn connect_lazily(self, url: &str) -> Result<PostgresStore, Error> {
        PostgresStore::new(url, &self)
    }
}

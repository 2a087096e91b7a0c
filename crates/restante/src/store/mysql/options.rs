use std::time::Duration;

use super::MysqlStore;
use crate::Error;

/// How a database is used. The defaults suit an app with a MySQL or MariaDB near by.
///
/// ```
/// use restante::MysqlOptions;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), restante::Error> {
/// let options = MysqlOptions::new().part_size(1_000);
/// let error = options.connect("postgres://localhost/app").await.unwrap_err();
/// assert_eq!(error.field(), Some("database"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct MysqlOptions {
    pub(super) part_size: usize,
    pub(super) connections: usize,
    pub(super) patience: Duration,
}

impl Default for MysqlOptions {
    fn default() -> Self {
        Self { part_size: 2_000, connections: 8, patience: Duration::from_secs(10) }
    }
}

impl MysqlOptions {
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

    /// Over how many connections at most pages and counts are read, 1–256; 8 unless told otherwise.
    /// Each serves one caller at a time. Beside them there are one for writing and, while they are
    /// needed, up to four for long reads.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.clamp(1, 256);
        self
    }

    /// How long a page, a count or a lock may take before the caller is told to try again; 10
    /// seconds unless told otherwise, in whole seconds for locks.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Connects to `mysql://user:password@host:port/database` and brings its tables up to date.
    ///
    /// What the driver knows may follow as `?key=value&…`: `require_ssl=true` encrypts and checks the
    /// certificate, `verify_ca=false` or `verify_identity=false` check less of it, `socket=/path`
    /// names a socket.
    ///
    /// # Errors
    /// `Invalid` for a URL that is none, `Transient` when the server cannot be reached, `Internal`
    /// when it refuses the user, or the tables were made by a newer version.
    pub async fn connect(self, url: &str) -> Result<MysqlStore, Error> {
        MysqlStore::connect_with(url, &self).await
    }

    /// The same without connecting: the store is there at once, and does what it is asked as soon as
    /// the server is. Until then its errors are `Transient`.
    ///
    /// # Errors
    /// `Invalid` for a URL that is none.
    pub fn connect_lazily(self, url: &str) -> Result<MysqlStore, Error> {
        MysqlStore::new(url, &self)
    }
}

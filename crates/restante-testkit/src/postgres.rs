//! A real PostgreSQL of this process's own, on a port and in a folder that nobody else uses.

use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub use crate::guardian::or_skipped;
use crate::guardian::{self, Running};

/// How long a server may take to start, also when it has to recover from a crash.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running PostgreSQL. It ends with this process at the latest.
#[derive(Debug)]
pub struct PostgresServer {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    options: Vec<String>,
    running: Mutex<Option<Running>>,
    databases: AtomicU64,
}

impl PostgresServer {
    /// Starts a server that keeps what it acknowledged through a loss of power.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the text says why.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// Starts a server that does not wait for the disk, for tests that lose no power.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_fast() -> io::Result<Self> {
        Self::start_with(&["fsync=off", "full_page_writes=off", "synchronous_commit=off"])
    }

    /// Starts a server with settings of `postgresql.conf`, each as `name=value`.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> io::Result<Self> {
        let programs = programs()?;
        let user = guardian::own_user("postgres")?;
        let folder = tempfile::Builder::new().prefix("restante-postgres-").tempdir()?.keep();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let mut server = Self {
            folder,
            programs,
            user,
            port: guardian::free_port()?,
            options: Vec::new(),
            running: Mutex::new(None),
            databases: AtomicU64::new(0),
        };
        server.init()?;
        let own = [
            format!("port={}", server.port),
            format!("unix_socket_directories={}", server.folder.display()),
            "listen_addresses=127.0.0.1".to_owned(),
            "max_connections=400".to_owned(),
            "shared_buffers=128MB".to_owned(),
            "log_min_messages=warning".to_owned(),
            // A test that forgets a transaction must not stand still for ever.
            "idle_in_transaction_session_timeout=60s".to_owned(),
        ];
        server.options.extend(own);
        server.options.extend(settings.iter().map(|&setting| setting.to_owned()));
        server.run()?;
        Ok(server)
    }

    /// The one server of this test program, without waiting for the disk; `None` when PostgreSQL is
    /// missing, which is said aloud.
    ///
    /// # Panics
    /// When it is missing and `CI=true`: there nothing is skipped.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<PostgresServer>> = OnceLock::new();
        SERVER.get_or_init(|| or_skipped(Self::start_fast())).as_ref()
    }

    /// A new, empty database: its URL.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn database(&self) -> io::Result<String> {
        let name = self.fresh_name();
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"))?;
        Ok(self.url(&name))
    }

    /// A new, empty schema: the URL of a database whose connections know no other. It is there in a
    /// tenth of the time that a database takes.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn schema(&self) -> io::Result<String> {
        let name = self.fresh_name();
        self.sql("postgres", &format!("CREATE SCHEMA {name}"))?;
        Ok(format!("{}?options=-csearch_path%3D{name}", self.url("postgres")))
    }

    fn fresh_name(&self) -> String {
        format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed))
    }

    /// The URL of a database, over TCP.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its unix socket and its data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A program that came with this server: `pgbench`, `pg_dump`, …
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// Does statements by `psql` and gives what they print, unaligned.
    ///
    /// # Errors
    /// When the server does not answer or refuses a statement.
    pub fn sql(&self, database: &str, statements: &str) -> io::Result<String> {
        let output = Command::new(self.program("psql"))
            .args(["-X", "-q", "-A", "-t", "-U", "postgres", "-v", "ON_ERROR_STOP=1"])
            .arg("-h")
            .arg(&self.folder)
            .args(["-p", &self.port.to_string(), "-d", database, "-c", statements])
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Kills it with SIGKILL, as a machine that loses power would.
    ///
    /// # Errors
    /// When there is no `kill`.
    pub fn kill(&self) -> io::Result<()> {
        let Some(mut running) = self.running().take() else {
            return Ok(());
        };
        // It may have ended by itself.
        let _ = running.signal("KILL");
        running.end(true)
    }

    /// Starts it again after [`kill`](Self::kill) and waits until it answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn restart(&self) -> io::Result<()> {
        self.kill()?;
        self.run()
    }

    fn init(&self) -> io::Result<()> {
        let made = self
            .command(&self.program("initdb"))
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D"])
            .arg(self.folder.join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()?;
        if made.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()))
    }

    fn run(&self) -> io::Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))?;
        let mut running = self.running();
        let began = Instant::now();
        // After a crash the shared memory is in use until the last of its processes has noticed.
        loop {
            let mut started = self.start_once(&log)?;
            while started.is_alive()? {
                if self.sql("postgres", "SELECT 1").is_ok() {
                    *running = Some(started);
                    return Ok(());
                }
                if began.elapsed() > PATIENCE {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            started.end(true)?;
            if began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.join("server.log"))?;
                return Err(io::Error::other(format!("PostgreSQL does not start:\n{log}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn start_once(&self, log: &std::fs::File) -> io::Result<Running> {
        let mut arguments = vec!["-D".into(), self.folder.join("data").into_os_string()];
        for option in &self.options {
            arguments.extend(["-c".into(), option.into()]);
        }
        let shell = self.command(Path::new("/bin/sh"));
        guardian::run(shell, &self.folder, &self.program("postgres"), &arguments, log)
    }

    /// A command that runs as the server's user.
    fn command(&self, program: &Path) -> Command {
        guardian::command(program, self.user, &self.folder)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if let Some(mut running) = self.running().take() {
            let _ = running.end(false);
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the newest installed version's programs. Debian does not put them on the path.
fn programs() -> io::Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for version in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten() {
        let folder = version?.path();
        let number = folder.file_name().and_then(|name| name.to_str()?.parse().ok());
        found.extend(number.map(|number| (number, folder.join("bin"))));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| (0, folder));
    found.extend(on_path);
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let is_whole = |folder: &Path| {
        ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).is_file())
    };
    let found = found.into_iter().find(|(_, folder)| is_whole(folder)).map(|(_, folder)| folder);
    found.ok_or_else(|| {
        io::Error::other("initdb, postgres and psql are not installed (Debian: postgresql)")
    })
}

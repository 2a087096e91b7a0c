//! A real Redis of this process's own, on a port and in a folder that nobody else uses.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub use crate::guardian::or_skipped;
use crate::guardian::{self, Running};

/// How long a server may take to start, also when it has a long log to read.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running Redis or Valkey. It ends with this process at the latest.
#[derive(Debug)]
pub struct RedisServer {
    folder: PathBuf,
    program: PathBuf,
    port: u16,
    settings: Vec<String>,
    running: Mutex<Option<Running>>,
}

impl RedisServer {
    /// Starts a server that keeps what it acknowledged through a loss of power: `appendonly yes`,
    /// `appendfsync always`.
    ///
    /// # Errors
    /// When neither Redis nor Valkey is installed, or it does not start; the text says why.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&["--appendonly yes", "--appendfsync always"])
    }

    /// Starts a server that writes to the disk once a second: `appendfsync everysec`.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_everysec() -> io::Result<Self> {
        Self::start_with(&["--appendonly yes", "--appendfsync everysec"])
    }

    /// Starts a server that keeps nothing, for tests that do not kill it.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_fast() -> io::Result<Self> {
        Self::start_with(&["--appendonly no"])
    }

    /// Starts a server with settings as on its command line, each as `--name value`.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("restante-redis-").tempdir()?.keep();
        let port = guardian::free_port()?;
        let own = [
            format!("--port {port}"),
            "--bind 127.0.0.1".to_owned(),
            format!("--dir {}", folder.display()),
            // No snapshots: what is not in the log is not there.
            "--save ''".to_owned(),
            "--daemonize no".to_owned(),
            "--loglevel warning".to_owned(),
            // Its standard output is a pipe that nobody reads.
            format!("--logfile {}", folder.join("redis.log").display()),
        ];
        let settings = own.into_iter().chain(settings.iter().map(|&s| s.to_owned()));
        let settings = settings.flat_map(|setting| split(&setting)).collect();
        let program = program("redis-server", "valkey-server")?;
        let server = Self { folder, program, port, settings, running: Mutex::new(None) };
        server.run()?;
        Ok(server)
    }

    /// The one server of this test program, which keeps nothing; `None` when there is no Redis,
    /// which is said aloud.
    ///
    /// # Panics
    /// When it is missing and `CI=true`: there nothing is skipped.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<RedisServer>> = OnceLock::new();
        SERVER.get_or_init(|| or_skipped(Self::start_fast())).as_ref()
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Does a command by `redis-cli` and gives what it prints.
    ///
    /// # Errors
    /// When the server does not answer or refuses the command.
    pub fn cli(&self, arguments: &[&str]) -> io::Result<String> {
        cli(self.port, arguments)
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    /// When its process cannot be waited for.
    pub fn kill(&self) -> io::Result<()> {
        match self.running().take() {
            Some(mut running) => running.end(true),
            None => Ok(()),
        }
    }

    /// Starts it again after [`kill`](Self::kill) and waits until it answers.
    ///
    /// # Errors
    /// When it does not.
    pub fn restart(&self) -> io::Result<()> {
        self.kill()?;
        self.run()
    }

    /// Lets it stand still with SIGSTOP: it takes connections and answers nothing.
    ///
    /// # Errors
    /// When it does not run.
    pub fn freeze(&self) -> io::Result<()> {
        self.signal("STOP")
    }

    /// Lets it go on after [`freeze`](Self::freeze).
    ///
    /// # Errors
    /// When it does not run.
    pub fn thaw(&self) -> io::Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, signal: &str) -> io::Result<()> {
        match &*self.running() {
            Some(running) => running.signal(signal),
            None => Err(io::Error::other("the server does not run")),
        }
    }

    fn run(&self) -> io::Result<()> {
        let log = self.folder.join("redis.log");
        let stderr = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let settings: Vec<_> = self.settings.iter().map(Into::into).collect();
        let mut running = self.running();
        let began = Instant::now();
        // Meanwhile somebody may have the port, if only for a moment.
        while began.elapsed() < PATIENCE {
            let shell = guardian::command(Path::new("/bin/sh"), None, &self.folder);
            let mut started =
                guardian::run(shell, &self.folder, &self.program, &settings, &stderr)?;
            while started.is_alive()? && began.elapsed() < PATIENCE {
                if self.cli(&["PING"]).is_ok_and(|answer| answer == "PONG") {
                    *running = Some(started);
                    return Ok(());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            started.end(true)?;
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(&log)?;
        Err(io::Error::other(format!("Redis does not start:\n{log}")))
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(mut running) = self.running().take() {
            let _ = running.end(false);
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Does a command by `redis-cli` on a port of this machine.
pub(crate) fn cli(port: u16, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(program("redis-cli", "valkey-cli")?)
        .args(["-p", &port.to_string(), "-e"])
        .args(arguments)
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// A program that comes with Redis, or its namesake of Valkey.
///
/// # Errors
/// When neither is on the path.
pub fn program(redis: &str, valkey: &str) -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = [redis, valkey].into_iter().find_map(|name| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    });
    found
        .ok_or_else(|| io::Error::other(format!("{redis} is not installed (Debian: redis-server)")))
}

fn split(setting: &str) -> Vec<String> {
    setting.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect()
}

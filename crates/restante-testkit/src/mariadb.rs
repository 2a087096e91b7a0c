//! A real MariaDB of this process's own, on a port and in a folder that nobody else uses.

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

/// A running MariaDB. It ends with this process at the latest.
#[derive(Debug)]
pub struct MariadbServer {
    folder: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    options: Vec<String>,
    running: Mutex<Option<Running>>,
    databases: AtomicU64,
}

impl MariadbServer {
    /// Starts a server that keeps what it acknowledged through a loss of power.
    ///
    /// # Errors
    /// When MariaDB is not installed or does not start; the text says why.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&["innodb_flush_log_at_trx_commit=1"])
    }

    /// Starts a server that does not wait for the disk, for tests that lose no power. It lives in
    /// memory where there is room: a change of tables waits for the disk whatever the settings say,
    /// which makes the tables of a new database take half a second instead of a twentieth.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_fast() -> io::Result<Self> {
        let settings = ["innodb_flush_log_at_trx_commit=0", "innodb_doublewrite=0"];
        let memory = Path::new("/dev/shm");
        let place = if has_room(memory) { memory.to_owned() } else { std::env::temp_dir() };
        Self::start_in(&place, &settings)
    }

    /// Starts a server with settings of `my.cnf`, each as `name=value`.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> io::Result<Self> {
        Self::start_in(&std::env::temp_dir(), settings)
    }

    fn start_in(place: &Path, settings: &[&str]) -> io::Result<Self> {
        for name in ["mariadb-install-db", "mariadbd", "mariadb"] {
            program(name)?;
        }
        let user = guardian::own_user("mysql")?;
        let folder = tempfile::Builder::new().prefix("restante-mariadb-").tempdir_in(place)?.keep();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let mut server = Self {
            folder,
            user,
            port: guardian::free_port()?,
            options: Vec::new(),
            running: Mutex::new(None),
            databases: AtomicU64::new(0),
        };
        server.init()?;
        let own = [
            format!("port={}", server.port),
            "bind_address=127.0.0.1".to_owned(),
            "skip_name_resolve=ON".to_owned(),
            "max_connections=1000".to_owned(),
            "innodb_buffer_pool_size=128M".to_owned(),
            // What a new server has by default, and what makes its start slow, is not needed.
            "innodb_log_file_size=32M".to_owned(),
            "performance_schema=OFF".to_owned(),
            // A server that somebody set up long ago: what the store needs it has to ask for.
            "character_set_server=latin1".to_owned(),
            "sql_mode=".to_owned(),
        ];
        server.options.extend(own);
        server.options.extend(settings.iter().map(|&setting| setting.to_owned()));
        server.run()?;
        Ok(server)
    }

    /// The one server of this test program, without waiting for the disk; `None` when MariaDB is
    /// missing, which is said aloud.
    ///
    /// # Panics
    /// When it is missing and `CI=true`: there nothing is skipped.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<MariadbServer>> = OnceLock::new();
        SERVER.get_or_init(|| or_skipped(Self::start_fast())).as_ref()
    }

    /// A new, empty database: its URL.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn database(&self) -> io::Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("mysql", &format!("CREATE DATABASE {name}")).map_err(|error| {
            // A server that ended by itself says why in its log, which goes with its folder.
            let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines[lines.len().saturating_sub(30)..].join("\n");
            io::Error::other(format!("{error}\nThe server's log ends so:\n{last}"))
        })?;
        Ok(self.url(&name))
    }

    /// The URL of a database, over TCP.
    pub fn url(&self, database: &str) -> String {
        format!("mysql://tester:s3cret@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its unix socket and its data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Does statements by the command line client and gives what they print, without headings.
    ///
    /// # Errors
    /// When the server does not answer or refuses a statement.
    pub fn sql(&self, database: &str, statements: &str) -> io::Result<String> {
        let output = Command::new(program("mariadb")?)
            .args(["--no-defaults", "-N", "-B", "-u", "tester", "-ps3cret"])
            .arg("--socket")
            .arg(self.socket())
            .args(["-D", database, "-e", statements])
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

    fn socket(&self) -> PathBuf {
        self.folder.join("server.sock")
    }

    fn init(&self) -> io::Result<()> {
        let made = guardian::command(&program("mariadb-install-db")?, self.user, &self.folder)
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", self.folder.join("data").display()))
            // A server that starts removes what others leave in a folder that they share.
            .arg(format!("--tmpdir={}", self.folder.display()))
            .stdin(Stdio::null())
            .output()?;
        if !made.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        // Done by the server before it listens.
        std::fs::write(
            self.folder.join("init.sql"),
            "CREATE USER IF NOT EXISTS tester@'%' IDENTIFIED BY 's3cret';\n\
             CREATE USER IF NOT EXISTS tester@localhost IDENTIFIED BY 's3cret';\n\
             GRANT ALL ON *.* TO tester@'%';\nGRANT ALL ON *.* TO tester@localhost;\n",
        )
    }

    fn run(&self) -> io::Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))?;
        let mut running = self.running();
        let began = Instant::now();
        loop {
            let mut started = self.start_once(&log)?;
            while started.is_alive()? {
                if self.sql("mysql", "SELECT 1").is_ok() {
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
                return Err(io::Error::other(format!("MariaDB does not start:\n{log}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn start_once(&self, log: &std::fs::File) -> io::Result<Running> {
        let mut arguments = vec!["--no-defaults".to_owned()];
        let within = |name: &str| self.folder.join(name).display().to_string();
        arguments.push(format!("--datadir={}", within("data")));
        arguments.push(format!("--tmpdir={}", self.folder.display()));
        arguments.push(format!("--socket={}", within("server.sock")));
        arguments.push(format!("--pid-file={}", within("server.pid")));
        arguments.push(format!("--init-file={}", within("init.sql")));
        arguments.extend(self.options.iter().map(|option| format!("--{option}")));
        let arguments: Vec<_> = arguments.into_iter().map(Into::into).collect();
        let shell = guardian::command(Path::new("/bin/sh"), self.user, &self.folder);
        guardian::run(shell, &self.folder, &program("mariadbd")?, &arguments, log)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MariadbServer {
    fn drop(&mut self) {
        if let Some(mut running) = self.running().take() {
            let _ = running.end(false);
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether a gigabyte fits: the server takes a tenth of it, a few hundred databases the rest.
fn has_room(folder: &Path) -> bool {
    let asked = Command::new("df").args(["-k", "--output=avail"]).arg(folder).output();
    let kilobytes = asked.ok().and_then(|answer| {
        let text = String::from_utf8(answer.stdout).ok()?;
        text.lines().nth(1)?.trim().parse::<u64>().ok()
    });
    kilobytes.is_some_and(|kilobytes| kilobytes > 1 << 20)
}

/// An installed program. Debian keeps the server off some users' paths.
fn program(name: &str) -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|program| program.is_file());
    found.ok_or_else(|| {
        io::Error::other(format!("{name} is not installed (Debian: mariadb-server)"))
    })
}

//! A real PgBouncer of this process's own, in front of a PostgreSQL.

use std::io;
use std::net::TcpStream;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::guardian::{self, Running};
use crate::postgres::PostgresServer;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running PgBouncer. It ends with this process at the latest.
#[derive(Debug)]
pub struct Pgbouncer {
    folder: TempDir,
    port: u16,
    version: (u32, u32),
    running: Option<Running>,
}

impl Pgbouncer {
    /// Starts one with settings of its section `pgbouncer`, each as `name=value`.
    ///
    /// # Errors
    /// When PgBouncer is not installed or does not start; the text says why.
    pub fn start(server: &PostgresServer, settings: &[&str]) -> io::Result<Self> {
        let program = program()?;
        let version = version(&program)?;
        let user = guardian::own_user("postgres")?;
        let folder = tempfile::Builder::new().prefix("restante-pgbouncer-").tempdir()?;
        let port = guardian::free_port()?;
        let own = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\n\
             listen_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\nauth_type=any\n",
            server.port()
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, own + &settings.join("\n") + "\n")?;
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid))?;
        }
        let log = std::fs::File::create(folder.path().join("log"))?;
        let shell = guardian::command(Path::new("/bin/sh"), user, folder.path());
        let arguments = [file.into_os_string()];
        let running = guardian::run(shell, folder.path(), &program, &arguments, &log)?;
        let mut pooler = Self { folder, port, version, running: Some(running) };
        pooler.wait()?;
        Ok(pooler)
    }

    /// Its major and minor version. From 1.21 on it supports prepared statements in transaction mode.
    pub fn version(&self) -> (u32, u32) {
        self.version
    }

    /// The URL of a database of the server behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn wait(&mut self) -> io::Result<()> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let is_alive = self.running.as_ref().is_some_and(|it| it.is_alive().unwrap_or(false));
            if !is_alive || began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.path().join("log"))?;
                return Err(io::Error::other(format!("PgBouncer does not start:\n{log}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Pgbouncer {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            // The folder goes with this.
            let _ = running.end(true);
        }
    }
}

/// Debian keeps it where only root looks.
fn program() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders
        .find_map(|folder| Some(folder.join("pgbouncer")).filter(|program| program.is_file()))
        .ok_or_else(|| io::Error::other("pgbouncer is not installed (Debian: pgbouncer)"))
}

fn version(program: &Path) -> io::Result<(u32, u32)> {
    let output = Command::new(program).arg("--version").output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let numbers = said.lines().next().and_then(|line| line.split_whitespace().nth(1));
    let mut numbers = numbers.unwrap_or_default().split('.').map_while(|part| part.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => Ok((major, minor)),
        _ => Err(io::Error::other(format!("pgbouncer says of itself: {said}"))),
    }
}

//! The real server in a process of its own, and an empty handler in another.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Result, processor};

/// The first argument by which this program turns into the empty handler.
pub(crate) const EMPTY: &str = "serve-empty";

/// A process that listens, ended when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// `restante serve` on a database.
    pub(crate) fn restante(database: &str) -> Result<Self> {
        let mut command = Command::new(binary()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--log", "warn"]);
        command.args(["--database", database]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut server = Self { child, url: String::new() };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line)?;
        ready["url"]
            .as_str()
            .ok_or("the server does not say where it is")?
            .clone_into(&mut server.url);
        Ok(server)
    }

    /// A handler that answers `{}` and does nothing else.
    pub(crate) fn empty() -> Result<Self> {
        // Free now; nobody else is likely to take it within the next millisecond.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child =
            Command::new(std::env::current_exe()?).args([EMPTY, &address.to_string()]).spawn()?;
        let server = Self { child, url: format!("http://{address}") };
        server.wait(address)?;
        Ok(server)
    }

    fn wait(&self, address: SocketAddr) -> Result<()> {
        let patience = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            if patience.elapsed() > Duration::from_secs(5) {
                return Err(format!("process {} does not listen", self.child.id()).into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Host and port.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        let address = self.url.strip_prefix("http://").ok_or("an address without http")?;
        Ok(address.parse()?)
    }

    /// The processor's time that it has used, in seconds.
    pub(crate) fn processor(&self) -> Result<f64> {
        processor::seconds(self.child.id())
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes: f64 = line
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .ok_or("no VmRSS")?
            .trim()
            .parse()?;
        Ok(kibibytes * 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server's binary, built like this one.
pub(crate) fn binary() -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    let folders = me.parent().into_iter().flat_map(|folder| [Some(folder), folder.parent()]);
    let found = folders.flatten().map(|folder| folder.join("restante")).find(|file| file.exists());
    found.ok_or_else(|| {
        "the server is not built: `cargo build -p restante-server`, with the profile of this \
         program (`--release`)"
            .into()
    })
}

/// Serves `{}` until it is killed, and at `/events` streams in which nothing ever happens, as axum
/// itself has them.
pub(crate) fn serve_empty(address: &str) -> Result<()> {
    use axum::response::sse::{KeepAlive, Sse};
    use axum::{Json, Router, routing::get, routing::post};
    use futures_util::stream;

    crate::app::two_threads()?.block_on(async {
        let empty = || async { Json(serde_json::json!({})) };
        let events = || async {
            let none = stream::pending::<std::result::Result<_, std::convert::Infallible>>();
            Sse::new(none).keep_alive(KeepAlive::default())
        };
        let router = Router::new().route("/", get(empty)).route("/", post(empty));
        let router = router.route("/events", get(events));
        let listener = tokio::net::TcpListener::bind(address).await?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}

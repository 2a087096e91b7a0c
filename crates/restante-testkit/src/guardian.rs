//! A server's process that ends with whoever started it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Runs the server and ends it when whoever started it is gone: its standard input closes then,
/// however that process ended. A line on it says that the folder is to be kept.
const GUARDIAN: &str = r#"
"$@" & server=$!
echo "$server"
read -r keep
kill -"$SIGNAL" "$server" 2>/dev/null
wait "$server"
[ -n "$keep" ] || rm -rf "$FOLDER"
"#;

/// A running server.
#[derive(Debug)]
pub(crate) struct Running {
    guardian: Child,
    server: String,
}

/// Runs a server by `shell`, which is `/bin/sh` as the server's user.
pub(crate) fn run(
    mut shell: Command,
    folder: &Path,
    program: &Path,
    arguments: &[OsString],
    log: &File,
) -> io::Result<Running> {
    shell.args(["-c", GUARDIAN, "guardian"]).arg(program).args(arguments);
    // PostgreSQL stops quickest by SIGQUIT, MariaDB by SIGKILL: what it leaves is removed anyway.
    let signal = if program.ends_with("postgres") { "QUIT" } else { "KILL" };
    shell.env("FOLDER", folder).env("SIGNAL", signal);
    // A group of its own: an interrupt from the keyboard is for the tests.
    shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut guardian = shell.stderr(log.try_clone()?).spawn()?;
    let mut server = String::new();
    if let Some(stdout) = guardian.stdout.take() {
        BufReader::new(stdout).read_line(&mut server)?;
    }
    Ok(Running { guardian, server: server.trim().to_owned() })
}

impl Running {
    /// Sends the server a signal: `KILL`, `STOP`, `CONT`.
    pub(crate) fn signal(&self, signal: &str) -> io::Result<()> {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.server]).status()?;
        if sent.success() { Ok(()) } else { Err(io::Error::other("there is no such process")) }
    }

    /// Whether the server's process is there and is no zombie.
    pub(crate) fn is_alive(&self) -> io::Result<bool> {
        match std::fs::read_to_string(format!("/proc/{}/stat", self.server)) {
            Ok(stat) => Ok(!stat.contains(") Z")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ends the server and waits for it.
    pub(crate) fn end(&mut self, keeps_folder: bool) -> io::Result<()> {
        if let Some(mut stdin) = self.guardian.stdin.take()
            && keeps_folder
        {
            // It may have ended by itself.
            let _ = stdin.write_all(b"keep\n");
        }
        self.guardian.wait().map(|_| ())
    }
}

/// A command that runs as the server's user.
pub(crate) fn command(program: &Path, user: Option<(u32, u32)>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    // Where that user may not be, the tools complain.
    command.current_dir(folder);
    command
}

/// Servers refuse to run as root; Debian's packages bring a user for each.
pub(crate) fn own_user(name: &str) -> io::Result<Option<(u32, u32)>> {
    let id = |arguments: &[&str]| -> io::Result<u32> {
        let output = Command::new("id").args(arguments).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().map_err(|_| {
            io::Error::other(format!("this is root, and there is no user {name} to run the server"))
        })
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", name])?, id(&["-g", name])?)))
}

pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The server, or `None` after saying aloud why there is none.
///
/// # Panics
/// Where `CI=true`: there nothing is skipped.
#[expect(clippy::print_stderr, reason = "what is skipped has to be seen")]
pub fn or_skipped<S>(started: io::Result<S>) -> Option<S> {
    match started {
        Ok(server) => Some(server),
        Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
            panic!("the server cannot be started: {error}")
        }
        Err(error) => {
            eprintln!("\nSKIPPED: the server cannot be started here: {error}\n");
            None
        }
    }
}

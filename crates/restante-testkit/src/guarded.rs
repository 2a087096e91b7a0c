//! A server process that ends with whoever started it, however that one ended.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Runs the server and ends it when whoever started it is gone: its standard input closes then. A
/// line on it says that the folder is to be kept.
const GUARDIAN: &str = r#"
"$@" & server=$!
echo "$server"
read -r keep
kill -KILL "$server" 2>/dev/null
wait "$server"
[ -n "$keep" ] || rm -rf "$FOLDER"
"#;

/// A running server process.
#[derive(Debug)]
pub(crate) struct Guarded {
    guardian: Child,
    server: String,
}

impl Guarded {
    /// Starts a program whose folder is removed when it ends, unless it is [`end`](Self::end)ed
    /// otherwise.
    pub(crate) fn start(
        program: &Path,
        arguments: &[String],
        folder: &Path,
        log: File,
    ) -> io::Result<Self> {
        let mut guardian = Command::new("/bin/sh")
            .args(["-c", GUARDIAN, "guardian"])
            .arg(program)
            .args(arguments)
            .env("FOLDER", folder)
            .current_dir(folder)
            // A group of its own: an interrupt from the keyboard is for the tests.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut server = String::new();
        if let Some(stdout) = guardian.stdout.take() {
            BufReader::new(stdout).read_line(&mut server)?;
        }
        Ok(Self { guardian, server: server.trim().to_owned() })
    }

    /// Sends the server a signal: `KILL`, `STOP`, `CONT`.
    pub(crate) fn signal(&self, signal: &str) -> io::Result<()> {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.server]).status()?;
        if sent.success() { Ok(()) } else { Err(io::Error::other("there is no such process")) }
    }

    /// Ends the server, whatever it does, and waits until it is gone.
    pub(crate) fn end(mut self, keeps_folder: bool) -> io::Result<()> {
        if let Some(mut stdin) = self.guardian.stdin.take()
            && keeps_folder
        {
            // It may have ended by itself.
            let _ = stdin.write_all(b"keep\n");
        }
        self.guardian.wait().map(|_| ())
    }
}

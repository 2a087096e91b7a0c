//! A process that works until it is killed, and what it had acknowledged by then.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::mpsc;
use std::time::Duration;

/// One thing that the child was told is durable, before it was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// `single N ID`: message ID with the text `single N`, to one user.
    Single(u64, String),
    /// `list N ID`: to a list of [`LIST_USERS`] users.
    List(u64, String),
    /// `broadcast N ID`: to everyone.
    Broadcast(u64, String),
    /// `outbox N`: a row with the text `outbox N` was committed to the outbox.
    Outbox(u64),
    /// `read USER ID`: an item was marked read.
    Read(String, String),
}

/// How many users a list goes to.
pub const LIST_USERS: usize = 20_000;

impl FromStr for Acknowledged {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let words: Vec<_> = line.split(' ').collect();
        let number = |word: &str| word.parse().map_err(|_| line.to_owned());
        match words[..] {
            ["single", n, id] => Ok(Self::Single(number(n)?, id.to_owned())),
            ["list", n, id] => Ok(Self::List(number(n)?, id.to_owned())),
            ["broadcast", n, id] => Ok(Self::Broadcast(number(n)?, id.to_owned())),
            ["outbox", n] => Ok(Self::Outbox(number(n)?)),
            ["read", user, id] => Ok(Self::Read(user.to_owned(), id.to_owned())),
            _ => Err(line.to_owned()),
        }
    }
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Victim {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Victim {
    /// Starts `program` on a database. `first` is the number of its first message.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &str, database: &str, first: u64) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg(database)
            .arg(first.to_string())
            .stdout(Stdio::piped())
            .spawn()?;
        let (send, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // Read all the while, so that a full pipe never holds the child up.
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if send.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Self { child, lines })
    }

    /// Lets it work for a while after its first acknowledgement, kills it with SIGKILL and gives
    /// all that it had acknowledged. A last line that was cut off was not acknowledged.
    ///
    /// # Errors
    /// When it never began, or wrote what it should not.
    pub fn kill_after(mut self, work: Duration) -> Result<Vec<Acknowledged>, String> {
        let first = self.lines.recv_timeout(Duration::from_secs(60));
        let first = first.map_err(|_| "the child acknowledged nothing".to_owned())?;
        std::thread::sleep(work);
        self.child.kill().map_err(|error| error.to_string())?;
        self.child.wait().map_err(|error| error.to_string())?;
        let mut lines = vec![first];
        lines.extend(self.lines.iter());
        let whole = lines.iter().filter_map(|line| line.strip_suffix('.'));
        whole.map(str::parse).collect()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

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
    /// `several N ID`: message ID with the text `several N`, to three users.
    Several(u64, String),
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
            ["several", n, id] => Ok(Self::Several(number(n)?, id.to_owned())),
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
        Self::start_with(program, &[database, &first.to_string()])
    }

    /// Starts any program that writes lines which end with a full stop.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_with(program: &str, arguments: &[&str]) -> io::Result<Self> {
        let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn()?;
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
    pub fn kill_after(self, work: Duration) -> Result<Vec<Acknowledged>, String> {
        let first = self.first_line()?;
        std::thread::sleep(work);
        let mut lines = vec![first];
        lines.extend(self.kill()?);
        lines.iter().map(|line| line.parse()).collect()
    }

    /// Waits until it writes something.
    ///
    /// # Errors
    /// When it never does.
    pub fn first_line(&self) -> Result<String, String> {
        let first = self.lines.recv_timeout(Duration::from_secs(60));
        let first = first.ok().as_deref().and_then(whole);
        first.ok_or_else(|| "the child acknowledged nothing".to_owned())
    }

    /// What it wrote since it was last asked.
    pub fn new_lines(&self) -> Vec<String> {
        self.lines.try_iter().filter_map(|line| whole(&line)).collect()
    }

    /// Kills it with SIGKILL and gives what it wrote since it was last asked.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn kill(mut self) -> Result<Vec<String>, String> {
        self.child.kill().map_err(|error| error.to_string())?;
        self.child.wait().map_err(|error| error.to_string())?;
        Ok(self.lines.iter().filter_map(|line| whole(&line)).collect())
    }
}

/// A line that was not cut off.
fn whole(line: &str) -> Option<String> {
    line.strip_suffix('.').map(str::to_owned)
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

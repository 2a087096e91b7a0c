//! To whom a message goes, as it is given on the command line.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use restante::{UserId, limits};

use crate::backend;
use crate::failure::Failure;

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Recipients {
    /// A user to send it to; repeat it for several
    #[arg(long, value_name = "USER")]
    to: Vec<String>,
    /// A file with one user on each line, `-` for standard input
    #[arg(long, value_name = "FILE")]
    to_file: Option<PathBuf>,
    /// Send it to every user, whoever they are
    #[arg(long)]
    everyone: bool,
}

impl Recipients {
    /// Whether the list is read from standard input.
    pub(super) fn uses_stdin(&self) -> bool {
        self.to_file.as_deref() == Some(Path::new("-"))
    }

    /// Reads the list, where there is one to read.
    pub(super) fn read(self) -> Result<backend::Recipients, Failure> {
        if self.everyone {
            return Ok(backend::Recipients::Everyone);
        }
        match self.to_file {
            None => Ok(backend::Recipients::Users(self.to)),
            Some(file) if file.as_os_str() == "-" => {
                read_list(std::io::stdin().lock(), "standard input").map(backend::Recipients::Users)
            }
            Some(file) => {
                let name = file.display().to_string();
                let opened = std::fs::File::open(&file)
                    .map_err(|error| Failure::Io(format!("to-file: cannot open {name}"), error))?;
                read_list(opened, &name).map(backend::Recipients::Users)
            }
        }
    }
}

/// Bad lines are told by their number: a list has many.
fn read_list(file: impl Read, name: &str) -> Result<Vec<String>, Failure> {
    let mut users = Vec::new();
    let mut file = BufReader::new(file);
    for at in 0.. {
        let line = read_line(&mut file).map_err(|error| {
            Failure::Io(format!("to-file: cannot read line {} of {name}", at + 1), error)
        })?;
        let Some(line) = line else {
            break;
        };
        let line = if at == 0 { line.trim_start_matches('\u{feff}') } else { &line };
        let user = line.trim();
        if user.is_empty() {
            continue;
        }
        UserId::new(user).map_err(|error| {
            Failure::said(format!("to-file: line {} of {name}: {error}", at + 1))
        })?;
        if users.len() == limits::RECIPIENTS {
            return Err(Failure::said(format!(
                "to-file: {name} has more than the 1,000,000 users that a list may have; \
                 send to it in parts, or to --everyone",
            )));
        }
        users.push(user.to_owned());
    }
    if users.is_empty() {
        return Err(Failure::said(format!("to-file: {name} names no user")));
    }
    Ok(users)
}

/// A line, or nothing at the end. One that is too long for any user is refused before it is read.
fn read_line(file: &mut impl BufRead) -> std::io::Result<Option<String>> {
    const MOST: u64 = 4 * 1024;
    let mut line = Vec::new();
    file.by_ref().take(MOST).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() as u64 == MOST {
        let limit = format!("a user's id is at most {} bytes", limits::USER_BYTES);
        return Err(Error::new(ErrorKind::InvalidData, limit));
    }
    String::from_utf8(line).map(Some).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_user_a_line_and_bad_ones_are_told_by_number() {
        assert!(read_list("\u{feff}alice\r\n\n  bob \n".as_bytes(), "f").is_ok());
        let refused = |list: &[u8]| read_list(list, "f").unwrap_err().to_string();
        assert!(refused(b"alice\n\n*\n").contains("line 3 of f"));
        assert!(refused(b"alice\n\xff\n").contains("line 2 of f"));
        assert!(refused(b"\n \n").contains("names no user"));
        assert!(read_list(std::io::repeat(b'a'), "f").is_err());
        assert!(read_list(std::io::repeat(0), "f").is_err());
        assert!(read_list(std::io::repeat(0xff), "f").is_err());
        assert!(read_list(std::io::repeat(b'\n').take(100_000), "f").is_err());
        // Not two users: one line.
        let far_apart = format!("alice{}bob\n", " ".repeat(4 * 1024 - 5));
        assert!(refused(far_apart.as_bytes()).contains("at most 191 bytes"));
    }
}

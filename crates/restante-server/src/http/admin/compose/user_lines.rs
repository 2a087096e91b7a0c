use restante::{UserId, limits};

use super::sentence;

/// What is kept of a line that does not end: more than any id has, with spaces around it.
const LINE_BYTES: usize = 4096;

/// A list of users, one id a line, read while it arrives. Empty lines and spaces around an id are
/// passed over. The first line that is no id is remembered, and nothing after it.
#[derive(Debug, Default)]
pub(super) struct UserLines {
    users: Vec<String>,
    /// How many lines have ended.
    lines: usize,
    /// The line that has not.
    rest: Vec<u8>,
    refused: Option<String>,
}

impl UserLines {
    /// All of a text that is there already.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        lines.push(text.as_bytes());
        lines
    }

    /// The next part of the list, wherever it is cut.
    pub(super) fn push(&mut self, part: &[u8]) {
        for piece in part.split_inclusive(|byte| *byte == b'\n') {
            if self.refused.is_some() {
                return;
            }
            let (line, ends) = match piece.strip_suffix(b"\n") {
                Some(line) => (line, true),
                None => (piece, false),
            };
            if self.rest.len() + line.len() > LINE_BYTES {
                let number = self.lines + 1;
                self.refused = Some(format!("Line {number}: a user's id is at most 191 bytes."));
                return;
            }
            self.rest.extend_from_slice(line);
            if ends {
                self.end_line();
            }
        }
    }

    /// The users, in the order given and as often as given.
    ///
    /// # Errors
    /// What is wrong with the first line that is no id, or with the list.
    pub(super) fn finish(mut self) -> Result<Vec<String>, String> {
        if !self.rest.is_empty() && self.refused.is_none() {
            self.end_line();
        }
        match self.refused {
            Some(refused) => Err(refused),
            None if self.users.is_empty() => Err("Name at least one user.".to_owned()),
            None => Ok(self.users),
        }
    }

    fn end_line(&mut self) {
        self.lines += 1;
        let line = std::mem::take(&mut self.rest);
        let read = read_line(&line, self.lines == 1);
        match read {
            Ok(None) => {}
            Ok(Some(_)) if self.users.len() == limits::RECIPIENTS => {
                self.refused = Some("A list is at most 1,000,000 users.".to_owned());
            }
            Ok(Some(user)) => self.users.push(user),
            Err(why) => self.refused = Some(format!("Line {} {why}", self.lines)),
        }
        // Its room is used again.
        self.rest = line;
        self.rest.clear();
    }
}

/// The id on a line; nothing on an empty one.
fn read_line(line: &[u8], is_first: bool) -> Result<Option<String>, String> {
    let line = std::str::from_utf8(line).map_err(|_| "is not UTF-8.".to_owned())?;
    // Some programs begin a file with a mark of its encoding.
    let line = if is_first { line.trim_start_matches('\u{feff}') } else { line };
    let user = line.trim();
    if user.is_empty() {
        return Ok(None);
    }
    if let Some(control) = user.chars().find(|c| c.is_control()) {
        let number = u32::from(control);
        return Err(format!(
            "holds a control character (U+{number:04X}). An id is 1–191 bytes of plain text."
        ));
    }
    match UserId::new(user) {
        Ok(_) => Ok(Some(user.to_owned())),
        Err(error) => Err(format!("is no id: {}", sentence(error.detail()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&[u8]]) -> Result<Vec<String>, String> {
        let mut lines = UserLines::default();
        for part in parts {
            lines.push(part);
        }
        lines.finish()
    }

    #[test]
    fn a_list_is_read_wherever_it_is_cut() {
        let list = "\u{feff}alice\r\n\n  a/b?c#d \nälice\nalice".as_bytes();
        let users = ["alice", "a/b?c#d", "älice", "alice"];
        for at in 0..list.len() {
            let (head, tail) = list.split_at(at);
            assert_eq!(read(&[head, tail]).unwrap(), users, "{at}");
        }
    }

    #[test]
    fn the_first_bad_line_is_told_by_its_number() {
        for (list, told) in [
            (&b"a\n\ncarol\x07\nb\x07"[..], "Line 3 holds a control character (U+0007)."),
            (b"a\n*\n", "Line 2 is no id: “*”"),
            (b"a\n\xff\n", "Line 2 is not UTF-8."),
            (b" \n\n", "Name at least one user."),
            (b"", "Name at least one user."),
        ] {
            let refused = read(&[list]).unwrap_err();
            assert!(refused.starts_with(told), "{refused}");
        }
        let long = "x".repeat(192);
        assert!(read(&[b"a\n", long.as_bytes()]).unwrap_err().contains("191 bytes"));
        let endless = vec![b'x'; LINE_BYTES];
        let refused = read(&[b"a\n", &endless, &endless, b"\n"]).unwrap_err();
        assert!(refused.starts_with("Line 2") && refused.contains("191"), "{refused}");
    }

    #[test]
    fn a_million_users_are_a_list_and_one_more_is_none() {
        let list = "u\n".repeat(limits::RECIPIENTS);
        assert_eq!(read(&[list.as_bytes()]).unwrap().len(), limits::RECIPIENTS);
        assert!(read(&[list.as_bytes(), b"v"]).unwrap_err().contains("1,000,000"));
    }
}

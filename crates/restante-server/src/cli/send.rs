use std::io::Read;

use clap::Args;
use restante::{Expires, Level, limits};

use super::listing::counted;
use super::recipients::Recipients;
use super::{Common, Output};
use crate::backend::{self, Letter};
use crate::database::Missing;
use crate::dates::parse_expires;
use crate::failure::Failure;

/// Leave a message for one user, several, or everyone
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  restante send --to alice \"Ahoy there\"
  restante send --to-file crew.txt --level warning --url /rota --expires 7d \"The rota changed\"
  restante send --everyone --key outage-7 - < notice.txt")]
pub(super) struct Send {
    #[command(flatten)]
    recipients: Recipients,
    /// With --everyone: show it also to users of whom a token says that they joined later; those
    /// of whom nothing is said see it anyway
    #[arg(long)]
    newcomers: bool,
    /// debug, info, success, warning, error, or a number of the app's own
    #[arg(long, default_value = "info", allow_negative_numbers = true)]
    level: Level,
    /// An extra tag without spaces; repeat it for several, at most 16
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Where it leads: http, https, or a path
    #[arg(long)]
    url: Option<String>,
    /// JSON for programs that read the message
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
    /// When it leaves inbox and archive: `7d`, `36h`, `never`, or a time such as
    /// 2030-01-31T12:00:00Z [default: the inbox after 30 days unread, the archive after 120]
    #[arg(long, value_parser = parse_expires, allow_hyphen_values = true)]
    expires: Option<Expires>,
    /// Idempotency key: sending it again within 24 hours changes nothing
    #[arg(long)]
    key: Option<String>,
    /// What to say, `-` to read it from standard input
    text: String,
    #[command(flatten)]
    common: Common,
}

impl Send {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let text = match self.text.as_str() {
            "-" if self.recipients.uses_stdin() => {
                return Err(Failure::said(
                    "standard input can be the text or the list of users, not both; \
                     put one of them in a file",
                ));
            }
            "-" => read_text(std::io::stdin().lock())?,
            _ => self.text,
        };
        let to = self.recipients.read()?;
        let is_broadcast = matches!(to, backend::Recipients::Everyone);
        let backend = self.common.backend(Missing::Create).await?;
        let letter = Letter {
            to,
            newcomers: self.newcomers,
            text,
            level: self.level,
            tags: self.tags,
            url: self.url,
            data: self.data,
            expires: self.expires.unwrap_or_default(),
            key: self.key,
        };
        let answer = backend.send(letter).await?;
        if self.common.json {
            return output.answer(&answer);
        }
        let sent = answer.read()?;
        let id = sent.id;
        if sent.repeated {
            return output
                .line(format_args!("{id} was sent with this key before; nothing was sent again"));
        }
        if is_broadcast {
            return output.line(format_args!("{id} sent to everyone"));
        }
        output.line(format_args!("{id} sent to {}", counted(sent.recipients, "user")))?;
        match sent.waiting {
            0 => Ok(()),
            waiting => output.note(format_args!(
                "{} will get it later, from `restante serve` or with the next list: `restante sent \
                 {id}` tells how far it is",
                counted(waiting, "user"),
            )),
        }
    }
}

/// Reads a little more than a text may have, so that too long a one is refused and not cut.
fn read_text(input: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    let most = limits::TEXT_BYTES as u64 * 4;
    input
        .take(most)
        .read_to_string(&mut text)
        .map_err(|error| Failure::Io("cannot read the text".to_owned(), error))?;
    // Editors and `echo` end a text with a newline that nobody meant to send.
    let end = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text).len());
    text.truncate(end.unwrap_or(text.len()));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_newline_is_not_part_of_the_text() {
        assert_eq!(read_text("a\nb\n".as_bytes()).unwrap(), "a\nb");
        assert_eq!(read_text("a\r\n".as_bytes()).unwrap(), "a");
        assert_eq!(read_text("a\n\n".as_bytes()).unwrap(), "a\n");
        assert_eq!(read_text("".as_bytes()).unwrap(), "");
        assert!(read_text(&b"\xff"[..]).is_err());
    }
}

use std::io::Read;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use restante::{Expires, Level, Message, Restante, limits};

use super::listing::counted;
use super::recipients::Recipients;
use super::{Common, Output};
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
    /// With --everyone: show it to users who join later too
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
    /// 2030-01-31T12:00:00Z [default: after 30 days if unread, else 120]
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
        let mut message = Message::new(self.level, text);
        for tag in self.tags {
            message = message.tag(tag);
        }
        if let Some(url) = self.url {
            message = message.url(url);
        }
        if let Some(data) = self.data {
            message = message.data_json(data)?;
        }
        message = match self.expires.unwrap_or_default() {
            Expires::Default => message,
            Expires::Never => message.never_expires(),
            Expires::In(after) => message.expires_in(after),
            Expires::At(time) => message.expires_at(time),
        };

        let to = self.recipients.read()?;
        let restante = self.common.open(Missing::Create).await?;
        let mut request = restante.send(message, to);
        if let Some(key) = self.key {
            request = request.key(key);
        }
        if self.newcomers {
            request = request.newcomers();
        }
        let mut sent = request.await?;
        if sent.waiting > 0 {
            deliver_with_progress(&restante, sent.waiting).await?;
            sent.waiting = 0;
        }

        if self.common.json {
            return output.json(&sent);
        }
        let id = sent.id;
        let to = if id.is_broadcast() {
            "everyone".to_owned()
        } else {
            counted(sent.recipients, "user")
        };
        if sent.repeated {
            output.line(format_args!("{id} was sent with this key before; nothing was sent again"))
        } else {
            output.line(format_args!("{id} sent to {to}"))
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

/// The bar draws on standard error, and only if that is a terminal.
async fn deliver_with_progress(restante: &Restante, waiting: u64) -> Result<(), Failure> {
    let bar = ProgressBar::new(waiting);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {human_pos} of {human_len} users") {
        bar.set_style(style);
    }
    let delivered = restante.deliver_waiting(|users| bar.inc(users)).await;
    bar.finish_and_clear();
    delivered?;
    Ok(())
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

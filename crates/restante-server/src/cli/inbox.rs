use clap::Args;
use restante::{Cursor, Filter, Level, UserId, View};

use super::{Common, Output, listing};
use crate::database::Missing;
use crate::dates;
use crate::failure::Failure;

/// Show a user's messages
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  restante inbox alice
  restante inbox alice --archive --level error --json")]
pub(super) struct Inbox {
    /// Whose inbox
    user: String,
    /// Everything received, read or not, instead of what is unread
    #[arg(long)]
    archive: bool,
    /// At most this many, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Only this level
    #[arg(long, allow_negative_numbers = true)]
    level: Option<Level>,
    /// Only messages with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Go on after the page that gave this cursor
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,
    #[command(flatten)]
    common: Common,
}

impl Inbox {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let filter = Filter {
            view: if self.archive { View::Archive } else { View::Unread },
            after: self.after,
            limit: self.limit,
            level: self.level,
            tag: self.tag,
            q: None,
        };
        let user = UserId::new(&self.user)?;
        let backend = self.common.backend(Missing::Refuse).await?;
        let answer = backend.inbox(&user, filter).await?;
        if self.common.json {
            return output.answer(&answer);
        }
        let page = answer.read()?;
        let kind = if self.archive { "messages" } else { "unread messages" };
        if page.items.is_empty() {
            output.line(format_args!("No {kind} for {user} here"))?;
        } else {
            listing::head(output, "ID")?;
        }
        for item in &page.items {
            let mark = if item.unread { '*' } else { ' ' };
            let mut notes = Vec::new();
            if item.everyone {
                notes.push("to everyone".to_owned());
            }
            if let Some(read_at) = item.read_at {
                notes.push(format!("read {}", dates::local(read_at)));
            }
            listing::row(output, mark, &item.id.to_string(), &item.said, &notes)?;
        }
        if !page.items.is_empty() || page.unread > 0 {
            output.line(format_args!("{} unread (*)", page.unread))?;
        }
        match page.next {
            Some(next) => output.line(format_args!("There is more: --after {next}")),
            None => Ok(()),
        }
    }
}

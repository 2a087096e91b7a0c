use clap::Args;
use restante::MessageId;
use restante::store::SentFilter;

use super::listing::counted;
use super::{Common, Output, listing};
use crate::backend::shapes::{Receipts, SentMessage};
use crate::database::Missing;
use crate::dates;
use crate::failure::Failure;

/// Show what was sent, or what became of one message
#[derive(Args, Debug)]
pub(super) struct Sent {
    /// One message's id: how many users got and read it
    id: Option<MessageId>,
    /// At most this many, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "id")]
    limit: usize,
    /// Go on after this message
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    after: Option<MessageId>,
    #[command(flatten)]
    common: Common,
}

impl Sent {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let backend = self.common.backend(Missing::Refuse).await?;
        if let Some(id) = self.id {
            let Some(answer) = backend.receipts(id).await? else {
                return Err(Failure::said(format!(
                    "there is no message {id}; `restante sent` lists them"
                )));
            };
            if self.common.json {
                return output.answer(&answer);
            }
            return show_receipts(output, &answer.read()?);
        }
        let filter = SentFilter { sender: None, after: self.after, limit: self.limit };
        let answer = backend.sent(filter).await?;
        if self.common.json {
            return output.answer(&answer);
        }
        let page = answer.read()?;
        if page.messages.is_empty() {
            return output.line("Nothing was sent yet");
        }
        listing::head(output, "ID")?;
        for sent in &page.messages {
            show(output, sent, &[])?;
        }
        match page.next {
            Some(next) => output.line(format_args!("There is more: --after {next}")),
            None => Ok(()),
        }
    }
}

fn show(output: &mut Output, sent: &SentMessage, notes: &[String]) -> Result<(), Failure> {
    let to = match sent.recipients {
        Some(users) => format!("to {}", counted(users, "user")),
        None => "to everyone".to_owned(),
    };
    let mut all = vec![to, format!("by {}", sent.sender)];
    if let Some(time) = sent.retracted_at {
        all.push(format!("retracted {}", dates::local(time)));
    }
    all.extend_from_slice(notes);
    let mark = if sent.retracted_at.is_some() { 'x' } else { ' ' };
    listing::row(output, mark, &sent.id.to_string(), &sent.said, &all)
}

fn show_receipts(output: &mut Output, receipts: &Receipts) -> Result<(), Failure> {
    listing::head(output, "ID")?;
    let mut notes = Vec::new();
    if let Some(delivered) = receipts.delivered {
        notes.push(format!("delivered to {}", counted(delivered, "user")));
    }
    notes.push(format!("read by {}", counted(receipts.read, "user")));
    if let Some(time) = receipts.sent.expires_at {
        notes.push(format!("expires {}", dates::local(time)));
    }
    show(output, &receipts.sent, &notes)
}

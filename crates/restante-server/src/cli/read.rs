use clap::Args;
use restante::ItemId;
use serde_json::json;

use super::listing::counted;
use super::{Common, Output, item};
use crate::database::Missing;
use crate::failure::Failure;

/// Mark a user's messages read
#[derive(Args, Debug)]
pub(super) struct Read {
    /// Whose inbox
    user: String,
    /// The messages' ids, as `restante inbox` shows them
    #[arg(value_name = "ID", required_unless_present = "all")]
    ids: Vec<ItemId>,
    /// All that is visible now; what arrives meanwhile stays unread
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    #[command(flatten)]
    common: Common,
}

impl Read {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let restante = self.common.open(Missing::Refuse).await?;
        let inbox = restante.inbox(self.user.as_str())?;
        if self.all {
            let before = inbox.count().await?;
            let changed = inbox.mark_all_read(&before.as_of).await?;
            if self.common.json {
                return output.json(&json!({ "changed": changed, "as_of": before.as_of }));
            }
            return output.line(if changed {
                format!("{} marked read", counted(before.unread, "message"))
            } else {
                "Nothing was unread".to_owned()
            });
        }
        // A mistyped id should not go unnoticed among others that are right.
        for id in &self.ids {
            item::find(&inbox, *id).await?;
        }
        let changed = inbox.mark_read_many(&self.ids).await?;
        if self.common.json {
            return output.json(&json!({ "changed": changed }));
        }
        output.line(match changed {
            0 if self.ids.len() == 1 => "It was read already".to_owned(),
            0 => "They were read already".to_owned(),
            changed => format!("{} marked read", counted(changed, "message")),
        })
    }
}

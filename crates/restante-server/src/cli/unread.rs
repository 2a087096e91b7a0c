use clap::Args;
use restante::ItemId;
use serde_json::json;

use super::{Common, Output, item};
use crate::database::Missing;
use crate::failure::Failure;

/// Mark a user's message unread again
#[derive(Args, Debug)]
pub(super) struct Unread {
    /// Whose inbox
    user: String,
    /// The message's id, as `restante inbox --archive` shows it
    id: ItemId,
    #[command(flatten)]
    common: Common,
}

impl Unread {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let restante = self.common.open(Missing::Refuse).await?;
        let inbox = restante.inbox(self.user.as_str())?;
        item::find(&inbox, self.id).await?;
        let changed = inbox.mark_unread(self.id).await?;
        if self.common.json {
            return output.json(&json!({ "changed": changed }));
        }
        output.line(if changed { "Marked unread" } else { "It was unread already" })
    }
}

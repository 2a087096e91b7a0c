use clap::Args;
use restante::ItemId;
use serde_json::json;

use super::{Common, Output};
use crate::database::Missing;
use crate::failure::Failure;

/// Take a message out of a user's inbox and archive
#[derive(Args, Debug)]
pub(super) struct Dismiss {
    /// Whose inbox
    user: String,
    /// The message's id, as `restante inbox` shows it
    id: ItemId,
    #[command(flatten)]
    common: Common,
}

impl Dismiss {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let restante = self.common.open(Missing::Refuse).await?;
        let changed = restante.inbox(self.user.as_str())?.dismiss(self.id).await?;
        if !changed {
            return Err(Failure::said(format!(
                "{} has no item {}; `restante inbox {} --archive` lists them",
                self.user, self.id, self.user,
            )));
        }
        if self.common.json {
            return output.json(&json!({ "changed": changed }));
        }
        output.line("Dismissed")
    }
}

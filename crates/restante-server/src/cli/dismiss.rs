use clap::Args;
use restante::{ItemId, UserId};
use serde_json::json;

use super::{Common, Output, item};
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
        let user = UserId::new(&self.user)?;
        let backend = self.common.backend(Missing::Refuse).await?;
        if !backend.dismiss(&user, self.id).await? {
            return Err(item::missing(&user, self.id));
        }
        if self.common.json {
            return output.json(&json!({ "changed": true }));
        }
        output.line("Dismissed")
    }
}

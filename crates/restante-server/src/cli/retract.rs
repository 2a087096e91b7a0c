use clap::Args;
use restante::MessageId;
use serde_json::json;

use super::{Common, Output};
use crate::database::Missing;
use crate::failure::Failure;

/// Take a message back from everyone who has it
#[derive(Args, Debug)]
pub(super) struct Retract {
    /// The message's id, as `restante send` and `restante sent` show it
    id: MessageId,
    #[command(flatten)]
    common: Common,
}

impl Retract {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let backend = self.common.backend(Missing::Refuse).await?;
        if !backend.retract(self.id).await? {
            return Err(Failure::said(format!(
                "there is no message {} to retract; `restante sent` lists them",
                self.id,
            )));
        }
        if self.common.json {
            return output.json(&json!({ "changed": true }));
        }
        output.line(format_args!("{} retracted", self.id))
    }
}

use clap::Args;
use serde_json::json;

use super::{Common, Output};
use crate::database::Missing;
use crate::failure::Failure;

/// Forget a user: all that is kept of them is removed, for good
#[derive(Args, Debug)]
pub(super) struct Forget {
    /// Whom to forget
    user: String,
    #[command(flatten)]
    common: Common,
}

impl Forget {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let restante = self.common.open(Missing::Refuse).await?;
        let changed = restante.forget(self.user.as_str()).await?;
        if self.common.json {
            return output.json(&json!({ "changed": changed }));
        }
        output.line(if changed {
            format!("{} is forgotten", self.user)
        } else {
            format!("Nothing was kept of {}", self.user)
        })
    }
}

use clap::Args;

use super::{Common, Output};
use crate::database::Missing;
use crate::failure::Failure;

/// Hand out all that is kept of a user, as JSON
#[derive(Args, Debug)]
pub(super) struct Export {
    /// Whose messages
    user: String,
    #[command(flatten)]
    common: Common,
}

impl Export {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let restante = self.common.open(Missing::Refuse).await?;
        let export = restante.export(self.user.as_str()).await?;
        output.json(&export)
    }
}

use clap::Args;
use restante::UserId;

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
        let user = UserId::new(&self.user)?;
        let backend = self.common.backend(Missing::Refuse).await?;
        output.answer(&backend.export(&user).await?)
    }
}

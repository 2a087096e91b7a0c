use clap::Args;
use restante::UserId;

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
        let user = UserId::new(&self.user)?;
        let backend = self.common.backend(Missing::Refuse).await?;
        let answer = backend.forget(&user).await?;
        if self.common.json {
            return output.answer(&answer);
        }
        output.line(if answer.read()?.changed {
            format!("{user} is forgotten")
        } else {
            format!("Nothing was kept of {user}")
        })
    }
}

use clap::Args;
use restante::{ItemId, UserId};

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
        let user = UserId::new(&self.user)?;
        let backend = self.common.backend(Missing::Refuse).await?;
        item::find(backend.as_ref(), &user, self.id).await?;
        let answer = backend.mark_unread(&user, self.id).await?;
        if self.common.json {
            return output.answer(&answer);
        }
        output.line(if answer.read()?.changed { "Marked unread" } else { "It was unread already" })
    }
}

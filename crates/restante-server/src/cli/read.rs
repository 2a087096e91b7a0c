use std::collections::BTreeSet;

use clap::Args;
use restante::{ItemId, UserId, limits};

use super::listing::counted;
use super::{Common, Output, item};
use crate::backend::Backend;
use crate::database::Missing;
use crate::failure::Failure;

/// Mark a user's messages read
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  restante read alice 8041267200 8041275392
  restante read alice --all")]
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
        let user = UserId::new(&self.user)?;
        let backend = self.common.backend(Missing::Refuse).await?;
        let (unread, answer) = if self.all {
            let before = backend.count(&user).await?.read()?;
            (before.unread, backend.mark_all_read(&user, &before.as_of).await?)
        } else {
            let unread = self.count_unread(backend.as_ref(), &user).await?;
            (unread, backend.mark_read(&user, &self.ids).await?)
        };
        if self.common.json {
            return output.answer(&answer);
        }
        output.line(match (answer.read()?.changed, self.all, self.ids.len()) {
            (true, ..) => format!("{} marked read", counted(unread, "message")),
            (false, true, _) => "Nothing was unread".to_owned(),
            (false, _, 1) => "It was read already".to_owned(),
            (false, ..) => "They were read already".to_owned(),
        })
    }

    /// How many of the messages are unread. A mistyped id should not go unnoticed among others that
    /// are right.
    async fn count_unread(&self, backend: &dyn Backend, user: &UserId) -> Result<u64, Failure> {
        let ids: BTreeSet<ItemId> = self.ids.iter().copied().collect();
        if ids.len() > limits::MARKED_ITEMS {
            return Err(Failure::said("ids: at most 1,000 items are marked at once; use --all"));
        }
        let mut unread = 0;
        for id in ids {
            unread += u64::from(item::find(backend, user, id).await?.unread);
        }
        Ok(unread)
    }
}

use clap::Args;

use super::listing::counted;
use super::{Common, Output};
use crate::database::Missing;
use crate::failure::Failure;

/// Remove what nobody can see any more; `restante serve` does it by itself
#[derive(Args, Debug)]
pub(super) struct Sweep {
    #[command(flatten)]
    common: Common,
}

impl Sweep {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let backend = self.common.backend(Missing::Refuse).await?;
        let answer = backend.sweep().await?;
        if self.common.json {
            return output.answer(&answer);
        }
        let swept = answer.read()?;
        output.line(format_args!(
            "Removed {}, {} and {}",
            counted(swept.messages, "message"),
            counted(swept.items, "item"),
            counted(swept.others, "other row"),
        ))
    }
}

use clap::Args;
use serde_json::json;

use super::{Common, Output};
use crate::database::Missing;
use crate::failure::Failure;

/// Make the database, or bring it up to date; `send`, `serve`, `token` and `key create` do so too
#[derive(Args, Debug)]
pub(super) struct Migrate {
    #[command(flatten)]
    common: Common,
}

impl Migrate {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        self.common.refuse_server("migrate")?;
        // Opening migrates.
        let restante = self.common.open(Missing::Create).await?;
        if self.common.json {
            return output.json(&json!({ "store": restante.store().name(), "migrated": true }));
        }
        output.line("The database is up to date")
    }
}

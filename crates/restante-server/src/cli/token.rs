use std::time::Duration;

use clap::Args;
use restante::UserId;

use super::token_secrets::TokenSecrets;
use super::{Common, Output};
use crate::database::Missing;
use crate::dates::parse_duration;
use crate::failure::Failure;

/// Make a token with which a user's browser reads their inbox
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  restante token alice
  curl -H \"Authorization: Bearer $(restante token alice --ttl 5m)\" \\
      http://127.0.0.1:7787/v1/inbox")]
pub(super) struct Token {
    /// Whose inbox it opens
    user: String,
    /// How long it lasts, at most 30 days
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_duration)]
    ttl: Duration,
    #[command(flatten)]
    signing: TokenSecrets,
    #[command(flatten)]
    common: Common,
}

impl Token {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let user = UserId::new(&self.user)?;
        let secrets = self.signing.secrets;
        let backend = self.common.backend_that_signs(Missing::Create, secrets).await?;
        let answer = backend.issue_token(&user, self.ttl).await?;
        if self.common.json {
            return output.answer(&answer);
        }
        output.line(answer.read()?.token)
    }
}

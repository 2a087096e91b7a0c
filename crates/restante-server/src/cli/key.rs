use clap::{Args, Subcommand};
use serde_json::json;

use super::{Common, Output};
use crate::access::Scope;
use crate::backend::shapes::Key as Shown;
use crate::database::Missing;
use crate::dates;
use crate::failure::Failure;

/// Make, list and revoke the API keys of programs that send
#[derive(Args, Debug)]
#[command(arg_required_else_help = true)]
pub(super) struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make an API key; it is shown this once and kept nowhere
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  KEY=$(restante key create --name shop)
  restante key create --name operator --scope admin --json")]
struct Create {
    /// What to know it by, at most 100 bytes
    #[arg(long)]
    name: String,
    /// What it may do; repeat it for several: `send` (send, and see and retract what it sent),
    /// `tokens` (make users' tokens), `admin` (everything)
    #[arg(long = "scope", value_name = "SCOPE", default_value = "send", value_delimiter = ',')]
    scopes: Vec<Scope>,
    #[command(flatten)]
    common: Common,
}

/// List the API keys, oldest first; not the keys themselves, which are kept nowhere
#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    common: Common,
}

/// End an API key, at once and for good
#[derive(Args, Debug)]
struct Revoke {
    /// The key's id, as `restante key list` shows it
    id: String,
    #[command(flatten)]
    common: Common,
}

impl Key {
    pub(super) async fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.action {
            Action::Create(create) => create.run(output).await,
            Action::List(list) => list.run(output).await,
            Action::Revoke(revoke) => revoke.run(output).await,
        }
    }
}

impl Create {
    async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let backend = self.common.backend(Missing::Create).await?;
        let answer = backend.create_key(&self.name, &self.scopes).await?;
        if self.common.json {
            return output.answer(&answer);
        }
        let created = answer.read()?;
        // The key alone, so that a script can take it.
        output.line(&created.key)?;
        output.note(format_args!(
            "This is the API key {}, which may {}. Keep it: it is not shown again.",
            created.kept.id,
            created.kept.scopes.join(", "),
        ))
    }
}

impl List {
    async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let backend = self.common.backend(Missing::Refuse).await?;
        let answer = backend.keys().await?;
        if self.common.json {
            return output.answer(&answer);
        }
        let keys = answer.read()?.keys;
        if keys.is_empty() {
            return output.line("There are no API keys: `restante key create` makes one");
        }
        let width = keys.iter().map(|key| key.name.chars().count()).max().unwrap_or(0).max(4);
        let (id, name, created, scopes) = ("ID", "NAME", "CREATED", "SCOPES");
        output.line(format_args!("  {id:<14}  {name:<width$}  {created:<16}  {scopes}"))?;
        for key in &keys {
            show(output, key, width)?;
        }
        Ok(())
    }
}

fn show(output: &mut Output, key: &Shown, width: usize) -> Result<(), Failure> {
    let (mark, end) = match key.revoked_at {
        Some(time) => ('x', format!("  revoked {}", dates::local(time))),
        None => (' ', String::new()),
    };
    let Shown { id, name, .. } = key;
    let (created, scopes) = (dates::local(key.created_at), key.scopes.join(", "));
    output.line(format_args!("{mark} {id:<14}  {name:<width$}  {created:<16}  {scopes}{end}"))
}

impl Revoke {
    async fn run(self, output: &mut Output) -> Result<(), Failure> {
        let backend = self.common.backend(Missing::Refuse).await?;
        if !backend.revoke_key(&self.id).await? {
            return Err(Failure::said(format!(
                "there is no live API key {}; `restante key list` shows them",
                self.id,
            )));
        }
        if self.common.json {
            return output.json(&json!({ "changed": true }));
        }
        output.line(format_args!("{} revoked", self.id))
    }
}

//! The command line: one file for each verb, which holds its arguments and what it does.
//!
//! `output` is the one way to the terminal; `listing` lays out what several verbs show,
//! `item` finds what several work on.

mod dismiss;
mod export;
mod forget;
mod inbox;
mod item;
mod listing;
mod migrate;
pub(crate) mod output;
mod read;
mod recipients;
mod retract;
mod send;
mod sent;
mod serve;
mod sweep;
mod unread;

use clap::{Args, Parser, Subcommand};
use restante::Restante;

use self::output::Output;
use crate::database::{Database, Missing};
use crate::failure::Failure;

/// Messages for the users of an app: leaves them, shows them, and serves a page for their readers.
#[derive(Debug, Parser)]
#[command(name = "restante", version, propagate_version = true)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Serve(serve::Serve),
    Send(send::Send),
    Inbox(inbox::Inbox),
    Read(read::Read),
    Unread(unread::Unread),
    Dismiss(dismiss::Dismiss),
    Sent(sent::Sent),
    Retract(retract::Retract),
    Sweep(sweep::Sweep),
    Migrate(migrate::Migrate),
    Forget(forget::Forget),
    Export(export::Export),
}

/// What every verb takes.
#[derive(Args, Debug)]
struct Common {
    /// Where the messages are: `sqlite:FILE`, or `memory:` with `serve` [default: sqlite:restante.db]
    #[arg(long, value_name = "URL", env = "RESTANTE_DATABASE", hide_env_values = true)]
    database: Option<Database>,
    /// Print JSON, as the HTTP interface would answer
    #[arg(long)]
    json: bool,
}

impl Common {
    async fn open(&self, missing: Missing) -> Result<Restante, Failure> {
        self.database.clone().unwrap_or_default().open(missing).await
    }
}

impl CommandLine {
    /// Does what was asked for.
    pub(crate) fn run(self, output: &mut Output) -> Result<(), Failure> {
        // One thread is enough for one thing at a time, and starts sooner.
        let mut runtime = match &self.verb {
            Verb::Serve(_) => tokio::runtime::Builder::new_multi_thread(),
            _ => tokio::runtime::Builder::new_current_thread(),
        };
        let runtime = runtime
            .enable_all()
            .build()
            .map_err(|error| Failure::Io("cannot start".to_owned(), error))?;
        runtime.block_on(async {
            match self.verb {
                Verb::Serve(verb) => verb.run(output).await,
                Verb::Send(verb) => verb.run(output).await,
                Verb::Inbox(verb) => verb.run(output).await,
                Verb::Read(verb) => verb.run(output).await,
                Verb::Unread(verb) => verb.run(output).await,
                Verb::Dismiss(verb) => verb.run(output).await,
                Verb::Sent(verb) => verb.run(output).await,
                Verb::Retract(verb) => verb.run(output).await,
                Verb::Sweep(verb) => verb.run(output).await,
                Verb::Migrate(verb) => verb.run(output).await,
                Verb::Forget(verb) => verb.run(output).await,
                Verb::Export(verb) => verb.run(output).await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        super::CommandLine::command().debug_assert();
    }
}

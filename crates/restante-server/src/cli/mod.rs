//! The command line: one file for each verb, which holds its arguments and what it does.
//!
//! `output` is the one way to the terminal; `listing` lays out what several verbs show,
//! `item` finds what several work on, `cookie_lines` answers one line after the other.

mod cookie;
mod cookie_lines;
mod dismiss;
mod export;
mod forget;
mod import;
mod inbox;
mod item;
mod key;
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
mod token;
mod token_secrets;
mod unread;

use std::env;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use restante::Restante;

use self::output::Output;
use crate::access::keys;
use crate::backend::remote::{Address, Remote};
use crate::backend::{Backend, Local};
use crate::database::{Database, Missing};
use crate::failure::Failure;
use crate::settings::{with_notes, with_settings};

/// Messages for the users of an app: leaves them, shows them, and serves them to their readers.
#[derive(Debug, Parser)]
#[command(
    name = "restante",
    version,
    propagate_version = true,
    after_help = "Examples:
  restante serve --demo
  restante send --to alice \"Ahoy there\"
  restante inbox alice
  restante sent --server https://messages.example --api-key \"$KEY\"

Every option is also a variable RESTANTE_… and a key of restante.toml."
)]
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
    Token(token::Token),
    Key(key::Key),
    Sweep(sweep::Sweep),
    Migrate(migrate::Migrate),
    Forget(forget::Forget),
    Export(export::Export),
    Import(import::Import),
    Cookie(cookie::Cookie),
}

/// What every verb takes. `settings` knows it by its name.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
struct Common {
    /// Where the messages are: `sqlite:FILE`, `postgres://…`, `mysql://…`, `redis://…`,
    /// `redis+cluster://…`, or `memory:` with `serve` [default: sqlite:restante.db]
    #[arg(long, value_name = "URL")]
    database: Option<Database>,
    /// Speak to this server instead, such as `https://messages.example`
    #[arg(long, value_name = "URL", conflicts_with = "database")]
    server: Option<Address>,
    /// The key that the server knows, made by `restante key create`; better as a variable, since
    /// others on this machine may see the command line
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// Print JSON, as the HTTP interface would answer
    #[arg(long)]
    json: bool,
    /// The file with settings [default: restante.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Common {
    /// What the verb speaks to: the server that was named, or a database.
    async fn backend(&self, missing: Missing) -> Result<Box<dyn Backend>, Failure> {
        self.backend_that_signs(missing, Vec::new()).await
    }

    /// The same for a verb that makes tokens; a server has secrets of its own.
    async fn backend_that_signs(
        &self,
        missing: Missing,
        token_secrets: Vec<String>,
    ) -> Result<Box<dyn Backend>, Failure> {
        let Some(server) = &self.server else {
            let restante = self.open(missing).await?;
            return Ok(Box::new(Local { restante, token_secrets }));
        };
        let Some(key) = self.api_key.clone() else {
            return Err(Failure::said(
                "a server wants to know who asks: give its API key with --api-key or \
                 RESTANTE_API_KEY; `restante key create` makes one where its database is",
            ));
        };
        if !keys::is_key(&key) {
            return Err(Failure::said(
                "this is no API key: those begin with `restante_`, and their ids, which begin with \
                 `k_`, open nothing; `restante key create` makes one",
            ));
        }
        Ok(Box::new(Remote::new(server.clone(), key)))
    }

    async fn open(&self, missing: Missing) -> Result<Restante, Failure> {
        self.database.clone().unwrap_or_default().open(missing).await
    }

    /// For verbs that work where the database is and nowhere else.
    fn refuse_server(&self, verb: &str) -> Result<(), Failure> {
        match &self.server {
            None => Ok(()),
            Some(server) => Err(Failure::said(format!(
                "`restante {verb}` works on a database, not through the server {server}; leave out \
                 --server, RESTANTE_SERVER and `server` in restante.toml, or give --database"
            ))),
        }
    }
}

impl CommandLine {
    /// Reads what was asked for, on the command line and wherever else an option may be set. Ends
    /// the process when it cannot be understood, and when it was help that was asked for.
    pub(crate) fn read() -> Result<Self, Failure> {
        let tree = Self::command();
        let arguments = env::args_os().collect();
        let arguments = with_settings(&tree, arguments, &|name| env::var_os(name))?;
        let matches = with_notes(tree).get_matches_from(arguments);
        Ok(Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
    }

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
                Verb::Token(verb) => verb.run(output).await,
                Verb::Key(verb) => verb.run(output).await,
                Verb::Sweep(verb) => verb.run(output).await,
                Verb::Migrate(verb) => verb.run(output).await,
                Verb::Forget(verb) => verb.run(output).await,
                Verb::Export(verb) => verb.run(output).await,
                Verb::Import(verb) => verb.run(output).await,
                Verb::Cookie(verb) => verb.run(output),
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

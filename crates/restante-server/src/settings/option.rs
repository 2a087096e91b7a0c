//! The options of a tree of commands, and what each is called elsewhere.

use std::error::Error as _;
use std::ffi::{OsStr, OsString};

use clap::builder::BoolishValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgGroup, Command};

/// The groups of options that mean the same wherever they are. Their names are those of the
/// structures.
const SHARED: [&str; 2] = ["Common", "TokenSecrets"];
/// The verb whose options are those of the program itself: what runs for long is what is set up.
const MAIN: &str = "serve";
/// Says where the file is, so it cannot stand in it.
pub(super) const CONFIG: &str = "config";

/// One option of one verb.
#[derive(Clone, Debug)]
pub(super) struct Setting<'a> {
    pub(super) arg: &'a Arg,
    /// The option without its dashes, which is also its key.
    pub(super) long: &'a str,
    /// The tables in which the file has it: none for what is shared and for `serve`.
    pub(super) tables: Vec<&'a str>,
}

impl<'a> Setting<'a> {
    /// All options of a verb that can be set elsewhere.
    pub(super) fn of_verb(verbs: &[&'a str], command: &'a Command) -> Vec<Self> {
        let is_shared = |arg: &Arg| {
            let mut shared = command
                .get_groups()
                .filter(|group| SHARED.contains(&group.get_id().as_str()))
                .flat_map(ArgGroup::get_args);
            shared.any(|shared| shared == arg.get_id())
        };
        let mut settings = Vec::new();
        for arg in command.get_arguments() {
            let Some(long) = arg.get_long().filter(|long| !["help", "version"].contains(long))
            else {
                continue;
            };
            let is_top = is_shared(arg) || verbs == [MAIN];
            let tables = if is_top { Vec::new() } else { verbs.to_vec() };
            settings.push(Self { arg, long, tables });
        }
        settings
    }

    /// All options of all verbs, those that are shared once.
    pub(super) fn of_all(command: &'a Command) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (verbs, verb) in leaves(command) {
            for setting in Self::of_verb(&verbs, verb) {
                let is_known = |other: &Self| other.path() == setting.path();
                if !all.iter().any(is_known) {
                    all.push(setting);
                }
            }
        }
        all
    }

    /// Its variable: `RESTANTE_LISTEN`, `RESTANTE_SEND_LEVEL`.
    pub(super) fn variable(&self) -> String {
        let mut name = "RESTANTE".to_owned();
        for part in self.tables.iter().chain([&self.long]) {
            name.push('_');
            name.push_str(&part.replace('-', "_").to_ascii_uppercase());
        }
        name
    }

    /// Its key with the tables around it: `listen`, `send.level`.
    pub(super) fn path(&self) -> String {
        let mut path = self.tables.clone();
        path.push(self.long);
        path.join(".")
    }

    /// Whether it is there or not, without a value.
    pub(super) fn is_flag(&self) -> bool {
        matches!(self.arg.get_action(), ArgAction::SetTrue)
    }

    /// Whether it may be given several times.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.arg.get_action(), ArgAction::Append)
    }

    /// The argument that says the same on the command line; none for a flag that is off. The
    /// complaint about a bad value does not name the option: who gave it knows where that was.
    pub(super) fn argument(&self, value: &OsStr) -> Result<Option<OsString>, String> {
        let is_on = self.check(value)?;
        let mut argument = OsString::from(format!("--{}", self.long));
        if self.is_flag() {
            return Ok(is_on.then_some(argument));
        }
        argument.push("=");
        argument.push(value);
        Ok(Some(argument))
    }

    /// Reads a value as clap would, by an option of its own that no rule binds to others. Tells of
    /// a flag whether it is on.
    fn check(&self, value: &OsStr) -> Result<bool, String> {
        let mut arg = Arg::new("value").long("value").action(ArgAction::Set);
        arg = if self.is_flag() {
            arg.value_parser(BoolishValueParser::new())
        } else {
            arg.value_parser(self.arg.get_value_parser().clone())
        };
        if let Some(delimiter) = self.arg.get_value_delimiter() {
            arg = arg.value_delimiter(delimiter).action(ArgAction::Append);
        }
        let mut given = OsString::from("--value=");
        given.push(value);
        let matches =
            Command::new("value").no_binary_name(true).arg(arg).try_get_matches_from([given]);
        match matches {
            Ok(matches) if self.is_flag() => Ok(matches.get_one("value").copied().unwrap_or(false)),
            Ok(_) => Ok(true),
            Err(_) if self.is_flag() => Err("must be true or false".to_owned()),
            Err(error) => Err(self.complaint(&error)),
        }
    }

    fn complaint(&self, error: &clap::Error) -> String {
        if let Some(source) = error.source() {
            let text = source.to_string();
            // The library names the field; here the key has been named already.
            let field = format!("{}: ", self.long);
            return text.strip_prefix(&field).map(str::to_owned).unwrap_or(text);
        }
        match (error.kind(), error.get(ContextKind::ValidValue)) {
            (ErrorKind::InvalidValue, Some(ContextValue::Strings(valid))) if !valid.is_empty() => {
                format!("must be `{}`", valid.join("` or `"))
            }
            _ => "cannot be empty".to_owned(),
        }
    }
}

/// The verbs that take options, each with its name in parts: `["key", "create"]`.
pub(super) fn leaves(command: &Command) -> Vec<(Vec<&str>, &Command)> {
    let mut found = Vec::new();
    for verb in command.get_subcommands() {
        if verb.has_subcommands() {
            for (mut names, leaf) in leaves(verb) {
                names.insert(0, verb.get_name());
                found.push((names, leaf));
            }
        } else {
            found.push((vec![verb.get_name()], verb));
        }
    }
    found
}

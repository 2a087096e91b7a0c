//! Flag before environment before file before default.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use super::file::File;
use super::option::{CONFIG, Setting, leaves};
use crate::failure::Failure;

/// Looks a variable up.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What environment or file says of an option, as arguments: none for a flag that is off.
type Layer<'a> = &'a dyn Fn(&Setting<'_>) -> Result<Option<Vec<OsString>>, Failure>;

/// The file that is read where none is named.
const FILE: &str = "restante.toml";

/// The arguments, and among them what environment and file say of options that they leave open.
///
/// A value takes part only where nothing before it excludes it: `--everyone` on the command line
/// wins over `RESTANTE_SEND_TO`, and `RESTANTE_SERVER` over `database = …`.
pub(crate) fn with_settings(
    command: &Command,
    mut arguments: Vec<OsString>,
    environment: Environment<'_>,
) -> Result<Vec<OsString>, Failure> {
    let Some((verbs, verb)) = find_verb(command, &arguments) else {
        return Ok(arguments);
    };
    // Whoever asks for help must get it, whatever the file looks like. Mistakes are overlooked
    // here: they are told when the arguments are read for good.
    let lenient = command.clone().ignore_errors(true).try_get_matches_from(&arguments);
    let Some(matches) = lenient.as_ref().ok().and_then(|matches| of_verb(matches, &verbs)) else {
        return Ok(arguments);
    };

    let file = read_file(command, matches, environment)?;
    let from_environment = |setting: &Setting<'_>| read_variable(setting, environment);
    let from_file = |setting: &Setting<'_>| Ok(file.as_ref().and_then(|file| file.get(setting)));
    let layers: [Layer<'_>; 2] = [&from_environment, &from_file];

    let mut present: Vec<&str> = verb.get_arguments().map(|arg| arg.get_id().as_str()).collect();
    present.retain(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
    let mut decided = present.clone();
    // In front of what was given, which may hold a `--` after which nothing is an option.
    let at = 1 + verbs.len();
    let settings = Setting::of_verb(&verbs, verb);
    for layer in layers {
        let mut added = Vec::new();
        for setting in &settings {
            let id = setting.arg.get_id().as_str();
            if decided.contains(&id) || is_excluded(verb, id, &present) {
                continue;
            }
            let Some(found) = layer(setting)? else { continue };
            decided.push(id);
            if !found.is_empty() {
                added.push(id);
                arguments.splice(at..at, found);
            }
        }
        // Only now: what one layer says against itself is a mistake to be told.
        present.extend(added);
    }
    Ok(arguments)
}

/// The tree with a note beside each option that a server or every verb has, how its variable is
/// called. Those of single verbs are in the documentation: they would fill the screen.
pub(crate) fn with_notes(command: Command) -> Command {
    let tree = command.clone();
    let mut notes = Vec::new();
    for (verbs, verb) in leaves(&tree) {
        for setting in Setting::of_verb(&verbs, verb) {
            if setting.tables.is_empty() {
                notes.push((verbs.clone(), setting));
            }
        }
    }
    notes.into_iter().fold(command, |command, (verbs, setting)| annotate(command, &verbs, &setting))
}

fn annotate(command: Command, verbs: &[&str], setting: &Setting<'_>) -> Command {
    if let [verb, rest @ ..] = verbs {
        return command.mut_subcommand(*verb, |verb| annotate(verb, rest, setting));
    }
    command.mut_arg(setting.arg.get_id(), |arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        arg.help(format!("{help} [env: {}]", setting.variable()))
    })
}

/// The verb that the arguments begin with, with its name in parts.
fn find_verb<'a>(
    command: &'a Command,
    arguments: &[OsString],
) -> Option<(Vec<&'a str>, &'a Command)> {
    let mut all = leaves(command).into_iter();
    all.find(|(names, _)| {
        let given = arguments.iter().skip(1).take(names.len());
        given.map(|argument| argument.to_str()).eq(names.iter().map(|name| Some(*name)))
    })
}

fn of_verb<'a>(mut matches: &'a ArgMatches, verbs: &[&str]) -> Option<&'a ArgMatches> {
    for verb in verbs {
        matches = matches.subcommand_matches(verb)?;
    }
    Some(matches)
}

/// Whether something that is there rules this option out: it or the other says so, or both are of a
/// group of which there can be one.
fn is_excluded(verb: &Command, id: &str, present: &[&str]) -> bool {
    let rules_out = |one: &str, other: &str| {
        let arg = verb.get_arguments().find(|arg| arg.get_id() == one);
        let others = arg.map(|arg| verb.get_arg_conflicts_with(arg)).unwrap_or_default();
        others.iter().any(|arg| arg.get_id() == other)
    };
    let share_a_place = |one: &str, other: &str| {
        verb.get_groups().any(|group| {
            let has = |id: &str| group.get_args().any(|arg| arg == id);
            !group.clone().is_multiple() && has(one) && has(other)
        })
    };
    present
        .iter()
        .any(|other| rules_out(id, other) || rules_out(other, id) || share_a_place(id, other))
}

fn read_file(
    command: &Command,
    matches: &ArgMatches,
    environment: Environment<'_>,
) -> Result<Option<File>, Failure> {
    let given = matches.get_one::<PathBuf>(CONFIG).cloned();
    let named = given.or_else(|| variable("RESTANTE_CONFIG", environment).map(PathBuf::from));
    match named {
        Some(file) => File::read(command, &file).map(Some),
        None if PathBuf::from(FILE).is_file() => File::read(command, FILE.as_ref()).map(Some),
        None => Ok(None),
    }
}

fn read_variable(
    setting: &Setting<'_>,
    environment: Environment<'_>,
) -> Result<Option<Vec<OsString>>, Failure> {
    let name = setting.variable();
    // The file is found already.
    if setting.long == CONFIG {
        return Ok(None);
    }
    let Some(value) = variable(&name, environment) else {
        return Ok(None);
    };
    let argument = setting
        .argument(&value)
        .map_err(|complaint| Failure::said(format!("{name}: {complaint}")))?;
    Ok(Some(argument.into_iter().collect()))
}

/// One that is empty counts as not set: service managers and containers often cannot leave it out.
fn variable(name: &str, environment: Environment<'_>) -> Option<OsString> {
    environment(name).filter(|value| !value.is_empty())
}

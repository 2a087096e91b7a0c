//! `docs/config.md`, from the tree of commands.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};

use super::file::File;
use super::option::{CONFIG, Setting, leaves};
use crate::cli::CommandLine;

const INTRODUCTION: &str = "\
# Settings

<!-- Written from the command line's own definition: see CONTRIBUTING.md. -->

Every option can be given on the command line, as a variable of the environment, or in a file. The
first of them that says something counts:

1. the option, as in `restante serve --listen 0.0.0.0:7787`;
2. the variable, as in `RESTANTE_LISTEN=0.0.0.0:7787`; an empty one counts as not set;
3. the key in `restante.toml`, as in `listen = \"0.0.0.0:7787\"`;
4. the default.

The file is `restante.toml` in the folder where `restante` is started, unless `--config FILE` or
`RESTANTE_CONFIG` names another. What every verb has and what belongs to `serve` stands at its top;
the options of another verb stand in a table of its name. A value that there is not is refused, with
what there is, and in the file a name too; a variable whose name there is not is not looked at.

";

const EXAMPLE: &str = r#"database = "sqlite:/var/lib/restante/restante.db"
listen = "127.0.0.1:7787"
user-header = "X-Forwarded-User"

[send]
level = "success"
tag = ["shop", "orders"]
expires = "14d"
"#;

const AFTER_EXAMPLE: &str = "
An option that can be repeated is a list, one without a value is `true` or `false`; as a variable it
is `1` or `0`, too. A variable is one value unless its row below names what separates several. Of options that exclude each other, the one that was said more directly counts:
`--everyone` wins over `RESTANTE_SEND_TO`. Keep the file from other users' eyes when there is a key
or a secret in it.
";

fn document() -> String {
    let command = CommandLine::command();
    let mut text = format!("{INTRODUCTION}```toml\n{EXAMPLE}```\n{AFTER_EXAMPLE}");
    let leaves = leaves(&command);
    let verbs = leaves.iter().map(|(names, verb)| (names, verb, Setting::of_verb(names, verb)));
    let verbs: Vec<_> = verbs.collect();
    let is_everywhere = |one: &Setting<'_>| {
        verbs.iter().all(|(_, _, all)| all.iter().any(|other| other.path() == one.path()))
    };
    let (shared, _): (Vec<_>, Vec<_>) = verbs[0].2.iter().partition(|one| is_everywhere(one));
    section(&mut text, "Every verb", "What all of them have.", &shared);
    for (names, verb, all) in &verbs {
        let own: Vec<_> = all.iter().filter(|one| !is_everywhere(one)).collect();
        if own.is_empty() {
            continue;
        }
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        section(&mut text, &format!("`restante {}`", names.join(" ")), &format!("{about}."), &own);
    }
    text
}

fn section(text: &mut String, title: &str, about: &str, settings: &[&Setting<'_>]) {
    // Writing to a string cannot fail.
    let _ = write!(text, "\n## {title}\n\n{about}\n\n");
    text.push_str("| option | variable | key | default | meaning |\n|---|---|---|---|---|\n");
    for setting in settings {
        let (mut meaning, default) = meaning_and_default(setting);
        if let Some(delimiter) = setting.arg.get_value_delimiter() {
            let _ = write!(meaning, "; in a variable several are separated by `{delimiter}`");
        }
        let value =
            if setting.is_flag() { String::new() } else { format!(" {}", value_name(setting.arg)) };
        let key = match setting.long {
            CONFIG => String::new(),
            _ => format!("`{}`", setting.path()),
        };
        let option = format!("`--{}{value}`", setting.long);
        let row = [option, format!("`{}`", setting.variable()), key, default, meaning];
        let _ = writeln!(text, "| {} |", row.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
}

fn value_name(arg: &Arg) -> String {
    match arg.get_value_names() {
        Some([name, ..]) => name.to_string(),
        _ => arg.get_id().as_str().to_uppercase(),
    }
}

/// A default that is not a value is told at the end of the help.
fn meaning_and_default(setting: &Setting<'_>) -> (String, String) {
    let help = setting.arg.get_help().map(ToString::to_string).unwrap_or_default();
    if let Some((meaning, default)) = help.split_once(" [default: ") {
        return (meaning.to_owned(), default.trim_end_matches(']').to_owned());
    }
    let values = setting.arg.get_default_values().iter().map(|value| value.to_string_lossy());
    let default = values.collect::<Vec<_>>().join(", ");
    match (setting.is_flag(), default.as_str()) {
        (true, _) => (help, "off".to_owned()),
        (_, "") => (help, String::new()),
        _ => (help, format!("`{default}`")),
    }
}

#[test]
fn the_documentation_has_every_option() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    let current = document();
    if std::env::var_os("RESTANTE_BLESS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == current,
        "docs/config.md is not what the command line says; write it anew with \
         `RESTANTE_BLESS=1 cargo test -p restante-server documentation`"
    );
}

#[test]
fn its_example_is_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("restante.toml");
    std::fs::write(&file, EXAMPLE).unwrap();
    File::read(&CommandLine::command(), &file).unwrap();
}

#[test]
fn no_two_options_share_a_variable() {
    let command: Command = CommandLine::command();
    let all = Setting::of_all(&command);
    let mut names: Vec<_> = all.iter().map(Setting::variable).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all.len());
}

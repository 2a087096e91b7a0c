//! `restante.toml`, checked whole before any of it counts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use clap::Command;
use toml::{Table, Value};

use super::option::{CONFIG, Setting};
use crate::failure::Failure;

/// What the file says, by the options' paths, each as the arguments that say the same.
#[derive(Debug)]
pub(super) struct File(BTreeMap<String, Vec<OsString>>);

impl File {
    /// Reads and checks it.
    pub(super) fn read(command: &Command, file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::said(format!("cannot read {name} ({error}); name another file with --config"))
        })?;
        Self::parse(command, &text)
            .map_err(|complaint| Failure::said(format!("{name}: {complaint}")))
    }

    fn parse(command: &Command, text: &str) -> Result<Self, String> {
        let table: Table = text.parse().map_err(|error| bad_toml(text, &error))?;
        let mut settings = Setting::of_all(command);
        settings.retain(|setting| setting.long != CONFIG);
        let mut found = BTreeMap::new();
        read_table(&settings, &table, &mut Vec::new(), &mut found)?;
        Ok(Self(found))
    }

    /// What it says of an option.
    pub(super) fn get(&self, setting: &Setting<'_>) -> Option<Vec<OsString>> {
        self.0.get(&setting.path()).cloned()
    }
}

fn bad_toml(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    // It may take several lines to say it.
    let message: Vec<_> = error.message().lines().map(str::trim).collect();
    format!("line {line} is not TOML: {}", message.join(", "))
}

fn read_table<'a>(
    settings: &[Setting<'_>],
    table: &'a Table,
    tables: &mut Vec<&'a str>,
    found: &mut BTreeMap<String, Vec<OsString>>,
) -> Result<(), String> {
    for (key, value) in table {
        if let Some(setting) = settings.iter().find(|one| one.tables == *tables && one.long == key)
        {
            found.insert(setting.path(), arguments(setting, value)?);
            continue;
        }
        tables.push(key);
        let is_known = settings.iter().any(|setting| setting.tables.starts_with(tables));
        match value {
            Value::Table(inner) if is_known => read_table(settings, inner, tables, found)?,
            _ if is_known => {
                return Err(format!("`{0}` is a table: write [{0}]", tables.join(".")));
            }
            _ => return Err(unknown(settings, tables)),
        }
        tables.pop();
    }
    Ok(())
}

/// Says what there is at the place where something was found that there is not.
fn unknown(settings: &[Setting<'_>], path: &[&str]) -> String {
    let (shown, tables) = (path.join("."), &path[..path.len() - 1]);
    let mut there: Vec<String> = Vec::new();
    for setting in settings.iter().filter(|setting| setting.tables.starts_with(tables)) {
        let name = match setting.tables.get(tables.len()) {
            Some(_) => format!("[{}]", setting.tables[..=tables.len()].join(".")),
            None => format!("`{}`", setting.long),
        };
        if !there.contains(&name) {
            there.push(name);
        }
    }
    format!("there is no `{shown}`; there are {}", there.join(", "))
}

fn arguments(setting: &Setting<'_>, value: &Value) -> Result<Vec<OsString>, String> {
    let wrong = |what: &str| format!("`{}`: {what}", setting.path());
    let values = match value {
        Value::Array(values) if setting.is_list() => values.iter().collect(),
        value => vec![value],
    };
    let mut arguments = Vec::new();
    for value in values {
        let text = match (value, setting.is_flag()) {
            (Value::Boolean(value), true) => value.to_string(),
            (_, true) => return Err(wrong("must be true or false")),
            (Value::String(text), _) => text.clone(),
            (Value::Integer(number), _) => number.to_string(),
            (Value::Float(number), _) => number.to_string(),
            (Value::Datetime(time), _) => time.to_string(),
            _ if setting.is_list() => return Err(wrong("must be a string or a list of strings")),
            _ => return Err(wrong("must be a string or a number")),
        };
        // As an argument it would be taken apart, and a secret be another one.
        if let Some(delimiter) = setting.arg.get_value_delimiter().filter(|it| text.contains(*it)) {
            return Err(wrong(&format!("a value cannot hold `{delimiter}`; several are a list")));
        }
        arguments.extend(setting.argument(text.as_ref()).map_err(|complaint| wrong(&complaint))?);
    }
    Ok(arguments)
}

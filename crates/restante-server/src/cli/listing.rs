//! Columns for a terminal.

use restante::Level;

use super::output::Output;
use crate::backend::shapes::Said;
use crate::dates;
use crate::failure::Failure;

/// How wide an id, a time and a level are at most in common use; longer ones push the rest aside.
const ID_WIDTH: usize = 17;
const TIME_WIDTH: usize = 16;
const LEVEL_WIDTH: usize = 8;

/// The columns' names.
pub(super) fn head(output: &mut Output, id: &str) -> Result<(), Failure> {
    let (time, level) = ("SENT", "LEVEL");
    output.line(format_args!(
        "  {id:<ID_WIDTH$}  {time:<TIME_WIDTH$}  {level:<LEVEL_WIDTH$}  MESSAGE"
    ))
}

/// One message: a mark, its id, its time and level, its text, and below it what goes with it.
pub(super) fn row(
    output: &mut Output,
    mark: char,
    id: &str,
    said: &Said,
    notes: &[String],
) -> Result<(), Failure> {
    let (time, level) = (dates::local(said.date), level_word(said.level));
    let mut lines = said.message.lines();
    let first = lines.next().unwrap_or_default();
    output.line(format_args!(
        "{mark} {id:<ID_WIDTH$}  {time:<TIME_WIDTH$}  {level:<LEVEL_WIDTH$}  {first}"
    ))?;
    let indent = 2 + ID_WIDTH + 2 + TIME_WIDTH + 2 + LEVEL_WIDTH + 2;
    for line in lines {
        output.line(format_args!("{:indent$}{line}", ""))?;
    }
    let mut notes = notes.to_vec();
    if let Some(url) = &said.url {
        notes.insert(0, format!("-> {url}"));
    }
    if !said.extra_tags.is_empty() {
        notes.push(format!("[{}]", said.extra_tags.replace(' ', "] [")));
    }
    if !notes.is_empty() {
        output.line(format_args!("{:indent$}{}", "", notes.join("  ")))?;
    }
    Ok(())
}

/// The level's word, a stored twin's being that of its base, or its number.
fn level_word(level: Level) -> String {
    level.base().to_string()
}

/// `1 user`, `1,234 users`.
pub(super) fn counted(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(counted(1, "user"), "1 user");
        assert_eq!(counted(0, "user"), "0 users");
        assert_eq!(counted(1_234_567, "user"), "1,234,567 users");
        assert_eq!(counted(100, "item"), "100 items");
    }
}

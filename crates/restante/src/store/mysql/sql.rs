//! Statements with their values in them.
//!
//! Statements are sent as text, because only so several go in one round trip, each with a result of
//! its own: a page is six or seven. Nothing but numbers, `NULL` and hexadecimal digits is ever put
//! into a statement, so there is nothing to escape, whatever `sql_mode` and character set say.

use std::fmt::Write;

/// How long a statement grows before the next one begins: well below the least that servers are set
/// up to accept (`max_allowed_packet` of 4 MB), since texts are written in twice their length.
pub(super) const LONGEST: usize = 1 << 20;

/// One statement or several, made of texts of this crate and of [`Value`]s only.
#[derive(Clone, Debug)]
pub(super) struct Sql(String);

/// What may stand in place of a `?`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Null,
    Number(i64),
    /// For a column with a character set.
    Text(&'a str),
    /// For a binary column.
    Bytes(&'a [u8]),
    /// What stands between the parentheses of `IN (…)`.
    Numbers(&'a [i64]),
    /// The same for a binary column.
    Keys(&'a [&'a str]),
}

/// A statement, each `?` of which is replaced by the next value.
pub(super) fn sql(template: &'static str, values: &[Value<'_>]) -> Sql {
    let mut text = String::with_capacity(template.len() + values.len() * 24);
    let mut values = values.iter();
    for (place, piece) in template.split('?').enumerate() {
        if place > 0 {
            // One too few is a mistake that the server refuses.
            values.next().inspect(|value| value.write(&mut text));
        }
        text.push_str(piece);
    }
    debug_assert!(values.next().is_none(), "a value without a place: {template}");
    Sql(text)
}

impl Sql {
    /// This and then another, in the same round trip.
    pub(super) fn then(mut self, next: &Self) -> Self {
        self.0.push_str("; ");
        self.0.push_str(&next.0);
        self
    }

    /// Adds `(value, …)`, after a comma unless it is the first.
    pub(super) fn row(&mut self, is_first: bool, values: &[Value<'_>]) {
        self.0.push_str(if is_first { " (" } else { ", (" });
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.0.push_str(", ");
            }
            value.write(&mut self.0);
        }
        self.0.push(')');
    }

    /// Adds the end of a statement.
    pub(super) fn end(mut self, end: &'static str) -> Self {
        self.0.push_str(end);
        self
    }

    /// Adds another one to this statement.
    pub(super) fn end_with(mut self, end: &Self) -> Self {
        self.0.push_str(&end.0);
        self
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value<'_> {
    fn write(&self, text: &mut String) {
        match self {
            Self::Null | Self::Keys([]) => text.push_str("NULL"),
            Self::Number(number) => push(text, *number),
            Self::Text(value) => {
                text.push_str("_utf8mb4 ");
                push_hex(text, value.as_bytes());
            }
            Self::Bytes(value) => push_hex(text, value),
            // No id and no position is negative, so it stands for an empty list.
            Self::Numbers([]) => text.push_str("-1"),
            Self::Numbers(numbers) => {
                for (place, number) in numbers.iter().enumerate() {
                    if place > 0 {
                        text.push(',');
                    }
                    push(text, *number);
                }
            }
            Self::Keys(keys) => {
                for (place, key) in keys.iter().enumerate() {
                    if place > 0 {
                        text.push(',');
                    }
                    push_hex(text, key.as_bytes());
                }
            }
        }
    }
}

/// Rows gathered into as few statements as will do.
#[derive(Default)]
pub(super) struct Rows {
    statements: Vec<Sql>,
    into: &'static str,
}

impl Rows {
    pub(super) fn add(&mut self, into: &'static str, values: &[Value<'_>]) {
        let is_new = self.into != into
            || self.statements.last().is_none_or(|statement| statement.len() > LONGEST);
        if is_new {
            self.statements.push(sql(into, &[]));
            self.into = into;
        }
        if let Some(statement) = self.statements.last_mut() {
            statement.row(is_new, values);
        }
    }

    pub(super) fn into_statements(self) -> Vec<Sql> {
        self.statements
    }
}

fn push(text: &mut String, number: i64) {
    // Writing into a string does not fail.
    let _ = write!(text, "{number}");
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.push_str("x'");
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text.push('\'');
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(is_so: bool) -> Self {
        Self::Number(i64::from(is_so))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A user's id as its column has it.
pub(super) fn key(user: &crate::UserId) -> Value<'_> {
    Value::Bytes(user.as_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_be_taken_for_sql() {
        let evil = "'; DROP TABLE restante_users; -- \\ ?";
        let values = [Value::Text(evil), Value::Bytes(b"'?"), (-7).into(), Value::Null];
        let statement = sql("SELECT ?, ?, ?, ?", &values);
        let hex = |bytes: &[u8]| {
            let mut text = String::new();
            push_hex(&mut text, bytes);
            text
        };
        let evil = hex(evil.as_bytes());
        assert_eq!(statement.as_str(), format!("SELECT _utf8mb4 {evil}, x'273f', -7, NULL"));
        let lists = [Value::Numbers(&[1, 2]), Value::Numbers(&[]), Value::Keys(&["a", "?"])];
        assert_eq!(sql("(?) (?) (?)", &lists).as_str(), "(1,2) (-1) (x'61',x'3f')");
        let mut rows = sql("VALUES", &[]);
        rows.row(true, &[1.into(), Some(2).into()]);
        rows.row(false, &[None::<i64>.into()]);
        assert_eq!(rows.then(&sql("COMMIT", &[])).as_str(), "VALUES (1, 2), (NULL); COMMIT");
    }
}

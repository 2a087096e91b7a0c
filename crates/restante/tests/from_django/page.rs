//! The tables of the page.

use std::collections::BTreeSet;
use std::path::Path;

/// The whole page.
pub(crate) struct Page {
    pub(crate) text: String,
}

/// One part of it, below a headline of the second level.
pub(crate) struct Section {
    title: String,
    /// What its first columns name, with all that is before a dot.
    names: BTreeSet<String>,
    spans: Vec<String>,
}

impl Page {
    pub(crate) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/from-django.md");
        Self { text: std::fs::read_to_string(path).unwrap() }
    }

    fn part(&self, title: &str) -> &str {
        let start = format!("\n## {title}\n");
        let (_, rest) = self.text.split_once(&start).unwrap();
        rest.split("\n## ").next().unwrap()
    }

    pub(crate) fn section(&self, title: &str) -> Section {
        let spans: Vec<_> = rows(self.part(title)).flat_map(|row| code(row[0])).collect();
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let words = spans.iter().flat_map(|span| span.split(move |c| !is_name(c)));
        let names = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Section { title: title.to_owned(), names, spans: spans.clone() }
    }

    /// The code in the second columns.
    pub(crate) fn new_spans(&self) -> Vec<String> {
        let titles = ["django.contrib.messages", "django-stored-messages", "django-dbmessages"];
        titles
            .iter()
            .flat_map(|title| rows(self.part(title)))
            .flat_map(|row| code(row[1]))
            .collect()
    }

    /// What of it names something of this library: what has `::` in it or begins as a type does.
    pub(crate) fn new_names(&self) -> Vec<String> {
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let is_type = |word: &str| {
            let mut letters = word.chars();
            letters.next().is_some_and(char::is_uppercase)
                && letters.next().is_some_and(char::is_lowercase)
        };
        let spans = self.new_spans();
        let words = spans.iter().flat_map(|span| span.split(move |c| !is_name(c)));
        words.filter(|word| word.contains("::") || is_type(word)).map(str::to_owned).collect()
    }
}

impl Section {
    /// Asserts that all of these are named: by themselves or behind a module's name, or as they are.
    pub(crate) fn has_all(&self, whose: &str, names: &[&str]) {
        assert!(names.len() > 5, "{whose}: {names:?}");
        let is_named = |name: &str| {
            let tail = format!(".{name}");
            self.names.iter().any(|known| known == name || known.ends_with(&tail))
                || self.spans.iter().any(|span| span == name)
        };
        let missing: Vec<_> = names.iter().filter(|name| !is_named(name)).collect();
        assert!(missing.is_empty(), "{}: {whose}: {missing:?} are not on the page", self.title);
    }
}

/// The cells of all tables but their heads.
fn rows(part: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines: Vec<_> = part.lines().collect();
    let mut rows = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let is_head = lines.get(at + 1).is_some_and(|next| next.starts_with("|---"));
        if line.starts_with("| ") && !is_head {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert!(cells.len() >= 2, "{line}");
            rows.push(cells);
        }
    }
    assert!(!rows.is_empty());
    rows.into_iter()
}

/// What stands between backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

use std::path::PathBuf;

use crate::Result;
use crate::measurements::ALL;

pub(crate) const USAGE: &str = "\
Measures Restante beside the bare database and prints one table.

Usage: restante-bench [--quick] [--json] [--dir DIR] [NAME…]

NAME    only measurements whose name begins so: sends, page, mark-all, flat, list, bytes,
        http, streams, mysql, postgres, redis
--quick a small run that shows that everything works; its figures mean nothing
--json  the table as JSON
--dir   where the scratch files go, and are removed from; on a real disk, or the durable
        sends are not durable. target/bench unless given
";

#[derive(Debug)]
pub(crate) struct Arguments {
    names: Vec<String>,
    pub(crate) quick: bool,
    pub(crate) json: bool,
    pub(crate) dir: PathBuf,
}

impl Arguments {
    /// `None` asks for the usage.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Option<Self>> {
        let mut words = words.into_iter();
        let mut arguments =
            Self { names: Vec::new(), quick: false, json: false, dir: "target/bench".into() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--quick" => arguments.quick = true,
                "--json" => arguments.json = true,
                "--dir" => arguments.dir = words.next().ok_or("--dir needs a directory")?.into(),
                "--help" | "-h" => return Ok(None),
                flag if flag.starts_with('-') => {
                    return Err(format!("unknown option {flag}; see --help").into());
                }
                name if ALL.iter().any(|(known, _)| known.starts_with(name)) => {
                    arguments.names.push(word);
                }
                name => return Err(format!("no measurement is called {name}; see --help").into()),
            }
        }
        Ok(Some(arguments))
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|start| name.starts_with(start.as_str()))
    }
}

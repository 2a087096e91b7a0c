//! What 64 clients get through by `pgbench`, each on a connection of its own, with statements that
//! are prepared once.

use std::process::Command;

use restante_testkit::postgres::PostgresServer;

use super::CALLERS;
use super::ground::DATABASE;
use crate::Result;

/// Scripts a second, of which each client does so many: what it takes to connect does not count. One
/// that fails is an error.
pub(super) fn per_second(server: &PostgresServer, script: &str, each: usize) -> Result<f64> {
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), script)?;
    let output = Command::new(server.program("pgbench"))
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--username=postgres"])
        .args([format!("--client={CALLERS}"), format!("--transactions={each}")])
        .args(["--host=127.0.0.1", &format!("--port={}", server.port())])
        .arg("--file")
        .arg(file.path())
        .arg(DATABASE)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let (true, Some(rate)) = (output.status.success(), rate) else {
        return Err(format!("pgbench: {said}{errors}").into());
    };
    Ok(rate.split_whitespace().next().unwrap_or_default().parse()?)
}

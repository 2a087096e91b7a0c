//! Every measurement runs. Its figures are not looked at: that is what a quiet machine is for.

use std::process::Command;

#[test]
fn a_quick_run_measures_everything() {
    let dir = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_restante-bench"))
        .args(["--quick", "--json", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));

    let table: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let rows = table.as_array().unwrap();
    assert!(
        rows.iter().all(|row| row["ours"].as_f64().is_some_and(|ours| ours > 0.0)),
        "{table:#}"
    );
    for begins in [
        "durable sends",
        "page",
        "mark all",
        "count",
        "broadcast",
        "list",
        "bytes",
        "HTTP",
        "server",
        "MariaDB: page",
        "MariaDB: durable sends",
        "PostgreSQL: page",
        "PostgreSQL: durable sends",
        "PostgreSQL, HTTP",
        "PostgreSQL: list",
        "Redis",
    ] {
        let is_there = rows.iter().any(|row| row["name"].as_str().unwrap().starts_with(begins));
        assert!(is_there, "nothing measures {begins}");
    }
    assert_eq!(dir.path().read_dir().unwrap().count(), 0, "scratch files are left");
}

#[test]
fn a_wrong_name_is_told() {
    let run = Command::new(env!("CARGO_BIN_EXE_restante-bench")).arg("nonsense").output().unwrap();
    assert!(!run.status.success());
    assert!(String::from_utf8_lossy(&run.stderr).contains("nonsense"));
}

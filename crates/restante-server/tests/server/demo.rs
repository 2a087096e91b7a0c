use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::operator::Operator;
use crate::sandbox::Sandbox;

#[test]
fn the_demo_has_something_of_everything_and_a_second_start_adds_nothing() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo"]);
    let cookie = server.get(&server.link("alice"), &[]).cookie();
    let page = server.get("/inbox?view=archive", &[("cookie", &cookie)]);
    let rows: Vec<_> = page.body.split("class=\"r-row\"").skip(1).collect();
    for level in ["debug", "info", "success", "warning", "error", "custom"] {
        let level = format!("data-level=\"{level}\"");
        assert!(rows.iter().any(|row| row.contains(&level)), "{level}");
    }
    for part in ["To everyone", "data-unread", "Mark unread", "status.example"] {
        assert!(page.body.contains(part), "{part}");
    }
    server.kill();

    let in_demo = ["sent", "--database", "sqlite:restante-demo.db", "--limit", "100"];
    let before = sandbox.json(&in_demo);
    sandbox.serve(&["--demo"]).kill();
    assert_eq!(sandbox.json(&in_demo), before);
    assert!(!sandbox.path("restante.db").exists(), "the demo leaves real messages alone");
}

#[test]
fn the_demo_in_memory_leaves_no_file() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo", "--database", "memory:"]);
    assert_eq!(server.get(&server.link("bob"), &[]).status, 303);
    assert_eq!(std::fs::read_dir(sandbox.path("")).unwrap().count(), 0);
}

#[test]
fn the_demo_s_own_database_is_administered_with_a_key_of_this_start() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--demo"]);
    let first = server.admin_key().unwrap().to_owned();
    let operator = Operator::nobody(&server).sign_in(&first);
    assert!(operator.page("/admin").contains("Planned maintenance"));
    server.kill();
    let server = sandbox.serve(&["--demo"]);
    let nobody = Operator::nobody(&server);
    assert_eq!(nobody.try_key(&first, &[]).status, 401, "the key of the start before is over");
    nobody.sign_in(server.admin_key().unwrap());
    server.kill();
    // Nobody means to print a key of the database that an app uses.
    let server = sandbox.serve(&["--demo", "--database", "sqlite:restante.db"]);
    assert_eq!(server.admin_key(), None);
    assert!(sandbox.json(&["key", "list"])["keys"].as_array().unwrap().is_empty());
    assert!(sandbox.serve(&["--demo", "--database", "memory:"]).admin_key().is_some());
    assert!(sandbox.serve(&[]).admin_key().is_none());
}

#[test]
fn what_a_person_sees_first_is_a_link_for_each_user_and_a_key() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap()).lines().take(5).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let lines: Vec<String> = lines.into_iter().map(Result::unwrap).collect();
    assert!(lines[0].starts_with("Restante is listening on http://127.0.0.1:"), "{lines:?}");
    assert!(lines[1].contains("alice") && lines[1].contains("/login?ticket="), "{lines:?}");
    assert!(lines[2].contains("bob") && lines[2].contains("/login?ticket="), "{lines:?}");
    assert!(lines[3].contains("/admin") && lines[4].contains("restante_"), "{lines:?}");
}

use std::time::{Duration, Instant};

use restante_testkit::mariadb::{self, MariadbServer};
use restante_testkit::postgres::PostgresServer;

use crate::sandbox::Sandbox;

#[test]
fn two_servers_and_the_command_line_share_a_postgresql() {
    let Some(postgres) = PostgresServer::shared() else {
        return;
    };
    two_servers_and_the_command_line_share(&postgres.schema().unwrap());
}

#[test]
fn two_servers_and_the_command_line_share_a_mariadb() {
    let Some(mariadb) = MariadbServer::shared() else {
        return;
    };
    two_servers_and_the_command_line_share(&mariadb.database().unwrap());
}

fn two_servers_and_the_command_line_share(url: &str) {
    let sandbox = Sandbox::new();
    let database = ["--database", url];
    let key = sandbox
        .json(&[&["key", "create", "--name", "a", "--scope", "admin"], &database[..]].concat());
    let bearer = format!("Bearer {}", key["key"].as_str().unwrap());
    let servers = [sandbox.serve(&database), sandbox.serve(&database)];
    sandbox.ok(&[&["send", "--to", "alice", "Ahoy there"], &database[..]].concat());
    let headers = [("authorization", bearer.as_str())];
    for server in &servers {
        let sent = server.get("/v1/messages", &headers);
        assert!(sent.body.contains("Ahoy there"), "{sent:?}");
        assert_eq!(server.get("/readyz", &[]).body, "ready\n");
    }
    // A token, and a ticket, of one server is known to the other.
    let token = servers[0].post("/v1/users/alice/tokens", &headers, "");
    let token: serde_json::Value = serde_json::from_str(&token.body).unwrap();
    let token = format!("Bearer {}", token["token"].as_str().unwrap());
    let inbox = servers[1].get("/v1/inbox", &[("authorization", &token)]);
    assert!(inbox.body.contains("\"unread\":1"), "{inbox:?}");
    let ticket = servers[0].post("/v1/users/alice/tickets", &headers, "");
    let ticket: serde_json::Value = serde_json::from_str(&ticket.body).unwrap();
    let link = format!("/login?ticket={}", ticket["ticket"].as_str().unwrap());
    assert_eq!(servers[1].get(&link, &[]).status, 303);
    assert_eq!(servers[0].get(&link, &[]).status, 401, "it is used up everywhere");
}

/// Nobody has to restart it: it says that it is not ready, then that it is.
#[test]
fn a_server_goes_on_when_its_mariadb_is_back() {
    let Some(mariadb) = mariadb::or_skipped(MariadbServer::start()) else {
        return;
    };
    let sandbox = Sandbox::new();
    let url = mariadb.database().unwrap();
    let server = sandbox.serve(&["--database", &url]);
    assert_eq!(server.get("/readyz", &[]).body, "ready\n");
    mariadb.kill().unwrap();
    for _ in 0..3 {
        assert_eq!(server.get("/readyz", &[]).status, 503);
        assert_eq!(server.get("/healthz", &[]).status, 200);
    }
    mariadb.restart().unwrap();
    let began = Instant::now();
    while server.get("/readyz", &[]).status != 200 {
        assert!(began.elapsed() < Duration::from_secs(5));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_database_that_is_not_there_is_told_without_its_password() {
    let sandbox = Sandbox::new();
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://app:hidden-word@127.0.0.1:1/none");
        let (code, told) = sandbox.refused(&["sent", "--database", &url]);
        assert_eq!(code, 1, "{told}");
        assert!(!told.contains("hidden-word") && told.lines().count() == 1, "{told}");
    }
}

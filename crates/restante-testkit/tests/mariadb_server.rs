//! The server that other tests rely on.
#![allow(clippy::unwrap_used, missing_docs)]

use restante_testkit::mariadb::{MariadbServer, or_skipped};

#[test]
fn what_was_committed_survives_a_kill_and_databases_are_apart() {
    let Some(server) = or_skipped(MariadbServer::start()) else { return };
    let (one, two) = (server.database().unwrap(), server.database().unwrap());
    let [one, two] = [&one, &two].map(|url| url.rsplit('/').next().unwrap());
    server.sql(one, "CREATE TABLE kept(n int); INSERT INTO kept VALUES (7)").unwrap();
    assert!(server.sql(two, "SELECT n FROM kept").is_err());
    server.kill().unwrap();
    assert!(server.sql(one, "SELECT 1").is_err());
    server.restart().unwrap();
    assert_eq!(server.sql(one, "SELECT n FROM kept").unwrap(), "7");
    let folder = server.folder().to_owned();
    drop(server);
    assert!(!folder.exists());
}

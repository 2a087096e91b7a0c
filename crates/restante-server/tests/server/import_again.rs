//! An import that is run again: at once, after its users did something, after it was killed.

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, params};
use serde_json::json;

use crate::django_site::{Site, archive, fixture, import, items, source};
use crate::sandbox::Sandbox;

#[test]
fn a_second_run_changes_nothing_of_what_users_did_since() {
    let sandbox = Sandbox::new();
    let file = fixture(&sandbox, "stored_messages_tz.sqlite3");
    import(&sandbox, &source(&file), &[]);
    let id = |text: &str| {
        let all = items(&sandbox, "1", &["--archive"]);
        all.iter().find(|item| item["message"] == text).unwrap()["id"].to_string()
    };
    sandbox.ok(&["unread", "1", &id("Hello é 🎉")]);
    sandbox.ok(&["read", "1", &id("To both")]);
    sandbox.ok(&["dismiss", "1", &id("archived only")]);
    let before = items(&sandbox, "1", &["--archive"]);
    sandbox.ok(&["sweep"]);
    let again = import(&sandbox, &source(&file), &[]);
    assert_eq!(again["imported"], json!({ "messages": 0, "unread": 0, "read": 0 }));
    assert_eq!(again["already_imported"], 7);
    assert_eq!(items(&sandbox, "1", &["--archive"]), before);
    // The same of a copy: what counts is what is in it.
    std::fs::copy(&file, sandbox.path("copy.sqlite3")).unwrap();
    let again = import(&sandbox, "sqlite:copy.sqlite3", &["--naive-timezone", "Asia/Tokyo"]);
    assert_eq!(again["imported"]["messages"], 0);
    assert_eq!(items(&sandbox, "1", &["--archive"]), before);
}

#[test]
fn what_is_read_in_django_meanwhile_comes_no_second_time() {
    let sandbox = Sandbox::new();
    let site = Site::new(&sandbox, "site.sqlite3");
    let put = |text: &str, unread: &[&str], read: &[&str]| {
        site.message(text, "2026-11-20 08:49:00", unread, read)
    };
    let all = put("all unread", &["a", "b"], &[]);
    let mixed = put("mixed", &["a", "b"], &["c"]);
    let last = put("one unread", &["a"], &["b", "c"]);
    let report = import(&sandbox, &site.source(), &[]);
    assert_eq!(report["imported"], json!({ "messages": 3, "unread": 5, "read": 3 }));
    let before = ["a", "b", "c"].map(|user| items(&sandbox, user, &["--archive"]));

    site.read(all, "a");
    site.read(mixed, "a");
    site.read(mixed, "b");
    site.read(last, "a");
    put("new", &["a"], &["b"]);
    let report = import(&sandbox, &site.source(), &[]);
    assert_eq!(report["imported"], json!({ "messages": 1, "unread": 1, "read": 1 }));
    assert_eq!(report["already_imported"], 3);
    for (user, before) in ["a", "b", "c"].into_iter().zip(before) {
        let now = items(&sandbox, user, &["--archive"]);
        let old: Vec<_> = now.into_iter().filter(|item| item["message"] != "new").collect();
        assert_eq!(old, before, "{user}");
    }
    assert_eq!(archive(&sandbox, "a", &[])[0], ("new".to_owned(), true));
    assert_eq!(archive(&sandbox, "b", &[])[0], ("new".to_owned(), false));
}

/// How many messages the site has that is imported by a process that is killed.
const MANY: i64 = 40_000;

#[test]
fn a_killed_import_is_finished_by_the_next_run() {
    let sandbox = Sandbox::new();
    let site = Site::new(&sandbox, "site.sqlite3");
    many(&site, MANY);
    for at_least in [1_000, 15_000] {
        let mut import = sandbox.command(&["import", "django", "--source", &site.source()]);
        let mut import = import.stdout(Stdio::piped()).spawn().unwrap();
        wait_for(&sandbox, at_least);
        import.kill().unwrap();
        import.wait().unwrap();
        let mut printed = String::new();
        import.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        assert_eq!(printed, "", "it was done before it could be killed");
    }
    let report = import(&sandbox, &site.source(), &[]);
    let sum = |name: &str| report[name].as_i64().unwrap();
    let imported = report["imported"]["messages"].as_i64().unwrap();
    assert_eq!(sum("found"), MANY);
    assert_eq!(imported + sum("already_imported"), MANY);
    assert!(imported > 0 && sum("already_imported") > 10_000, "{report}");
    let again = import_counts(&sandbox, &site);
    assert_eq!(again, (0, MANY));

    // Each user has what the site has, in the order of dates, and nothing twice.
    let conn = Connection::open(sandbox.path("restante.db")).unwrap();
    let texts = |user: i64| -> Vec<(String, bool)> {
        let sql = "SELECT m.text, d.until * 1000 > ?2 FROM restante_deliveries d
                   JOIN restante_users u ON u.id = d.user_id
                   JOIN restante_messages m ON m.id = d.position
                   WHERE u.key = ?1 ORDER BY d.position";
        let mut select = conn.prepare(sql).unwrap();
        let now = jiff::Timestamp::now().as_millisecond();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        select.query_map(params![user.to_string(), now], row).unwrap().map(Result::unwrap).collect()
    };
    for user in 0..USERS {
        let expected: Vec<_> = (0..MANY)
            .filter(|number| {
                number % USERS == user || (number % 10 == 0 && (number + 1) % USERS == user)
            })
            .map(|number| (number.to_string(), number % 3 == 0 && number % USERS == user))
            .collect();
        assert_eq!(texts(user), expected, "user {user}");
    }
}

const USERS: i64 = 7;

/// Messages in the order of their dates, not of their ids: each to one user, who has not read every
/// third, and every tenth to another one who has.
fn many(site: &Site, count: i64) {
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
         INSERT INTO stored_messages_message(id, message, level, tags, date)
             SELECT {count} - i, i, 21, '', datetime('2020-01-01', i || ' minutes') FROM n;
         INSERT INTO stored_messages_messagearchive(message_id, user_id)
             SELECT id, message % {USERS} FROM stored_messages_message;
         INSERT INTO stored_messages_messagearchive(message_id, user_id)
             SELECT id, (message + 1) % {USERS} FROM stored_messages_message
             WHERE message % 10 = 0;
         INSERT INTO stored_messages_inbox(message_id, user_id)
             SELECT id, message % {USERS} FROM stored_messages_message WHERE message % 3 = 0"
    );
    site.conn.execute_batch(&fill).unwrap();
}

fn import_counts(sandbox: &Sandbox, site: &Site) -> (i64, i64) {
    let report = import(sandbox, &site.source(), &[]);
    let number = |value: &serde_json::Value| value.as_i64().unwrap();
    (number(&report["imported"]["messages"]), number(&report["already_imported"]))
}

/// Waits until the store has so many messages.
fn wait_for(sandbox: &Sandbox, messages: i64) {
    let began = Instant::now();
    let count = || -> rusqlite::Result<i64> {
        let conn = Connection::open_with_flags(
            sandbox.path("restante.db"),
            OpenFlags::SQLITE_OPEN_READ_ONLY,
        )?;
        conn.query_row("SELECT count(*) FROM restante_messages", [], |row| row.get(0))
    };
    // The file and its tables are not there at first.
    while count().unwrap_or(0) < messages {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not get on");
        std::thread::sleep(Duration::from_millis(2));
    }
}

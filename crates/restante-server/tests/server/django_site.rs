//! Databases of Django sites: those that the real apps made, in `django/`, and others of the same
//! shape with other rows.

use std::path::{Path, PathBuf};

use restante_testkit::redis::RedisServer;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// A database that the real apps made, copied into the sandbox.
pub(crate) fn fixture(sandbox: &Sandbox, name: &str) -> PathBuf {
    let to = sandbox.path(name);
    std::fs::copy(original(name), &to).unwrap();
    to
}

/// Where it is.
pub(crate) fn original(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server/django").join(name)
}

/// `--source` of a file.
pub(crate) fn source(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

/// What an import prints.
pub(crate) fn import(sandbox: &Sandbox, source: &str, more: &[&str]) -> Value {
    sandbox.json(&[&["import", "django", "--source", source], more].concat())
}

/// A user's messages, newest first: text, and whether it is unread.
pub(crate) fn archive(sandbox: &Sandbox, user: &str, more: &[&str]) -> Vec<(String, bool)> {
    let all = items(sandbox, user, &[&["--archive"], more].concat());
    let said = |item: &Value| {
        (item["message"].as_str().unwrap().to_owned(), item["unread"].as_bool().unwrap())
    };
    all.iter().map(said).collect()
}

/// A user's items as JSON.
pub(crate) fn items(sandbox: &Sandbox, user: &str, more: &[&str]) -> Vec<Value> {
    let page = sandbox.json(&[&["inbox", user, "--limit", "100"], more].concat());
    assert!(page["next"].is_null(), "the rest was not looked at");
    page["items"].as_array().unwrap().clone()
}

/// How often something was left out or changed for a reason.
pub(crate) fn count(tally: &Value, reason: &str) -> u64 {
    let all = tally.as_array().unwrap().iter();
    let of = |line: &&Value| line["reason"] == reason;
    all.clone().find(of).map_or(0, |line| line["count"].as_u64().unwrap())
}

/// What the site of the fixtures has, as it was made in SQLite and in PostgreSQL alike.
pub(crate) fn has_the_site(sandbox: &Sandbox, report: &Value, more: &[&str]) {
    assert_eq!(report["found"], 8);
    assert_eq!(report["imported"], json!({ "messages": 7, "unread": 7, "read": 2 }));
    assert_eq!(count(&report["skipped"], "no_recipient"), 1);
    assert_eq!(count(&report["skipped"], "duplicate"), 2);
    let said = |text: &str, unread| (text.to_owned(), unread);
    let ann = [
        said("dups", true),
        said("archived only", false),
        said("Everybody", true),
        said("To both", true),
        said("Hello é 🎉", false),
    ];
    assert_eq!(archive(sandbox, "1", more), ann);
    let bob = [
        said("Everybody", true),
        said("To both", true),
        said("Dated", true),
        said("Dated no micro, custom level", true),
    ];
    assert_eq!(archive(sandbox, "2", more), bob);
    let bob = items(sandbox, "2", more);
    assert_eq!(bob[1]["url"], "https://example.com/a?b=c");
    assert_eq!(bob[2]["date"], "2014-05-06T07:08:09.123Z");
    assert_eq!((&bob[3]["date"], &bob[3]["level"]), (&json!("2014-05-06T07:08:09Z"), &json!(99)));
}

/// Puts the keys of the fixture there.
pub(crate) fn fill(redis: &RedisServer) {
    let lines = std::fs::read_to_string(original("redis.jsonl")).unwrap();
    for line in lines.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let command = if entry["type"] == "list" { "RPUSH" } else { "SADD" };
        let mut push = vec![command, entry["key"].as_str().unwrap()];
        push.extend(
            entry["values"].as_array().unwrap().iter().map(|value| value.as_str().unwrap()),
        );
        redis.cli(&push).unwrap();
    }
}

/// A site's database in a file, with django-stored-messages' tables and nothing else.
pub(crate) struct Site {
    pub(crate) file: PathBuf,
    pub(crate) conn: Connection,
}

impl Site {
    pub(crate) fn new(sandbox: &Sandbox, name: &str) -> Self {
        let site = Self::without_url(sandbox, name);
        let url = "ALTER TABLE stored_messages_message ADD COLUMN url varchar(200) NULL";
        site.conn.execute_batch(url).unwrap();
        site
    }

    /// As the app's first migration left it.
    pub(crate) fn without_url(sandbox: &Sandbox, name: &str) -> Self {
        let file = sandbox.path(name);
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch(TABLES).unwrap();
        Self { file, conn }
    }

    pub(crate) fn source(&self) -> String {
        source(&self.file)
    }

    /// A message in the archive of all of these users, and in the inbox of those who have not read it.
    pub(crate) fn message(&self, text: &str, date: &str, unread: &[&str], read: &[&str]) -> i64 {
        let insert = "INSERT INTO stored_messages_message(message, level, tags, date)
                      VALUES (?1, 21, '', ?2)";
        self.conn.execute(insert, params![text, date]).unwrap();
        let id = self.conn.last_insert_rowid();
        for user in unread {
            self.put("inbox", id, user);
        }
        for user in unread.iter().chain(read) {
            self.put("messagearchive", id, user);
        }
        id
    }

    pub(crate) fn put(&self, table: &str, message: i64, user: &str) {
        let insert =
            format!("INSERT INTO stored_messages_{table}(message_id, user_id) VALUES (?1, ?2)");
        self.conn.execute(&insert, params![message, user]).unwrap();
    }

    /// What happens in Django when a user reads a message.
    pub(crate) fn read(&self, message: i64, user: &str) {
        let delete = "DELETE FROM stored_messages_inbox WHERE message_id = ?1 AND user_id = ?2";
        assert_eq!(self.conn.execute(delete, params![message, user]).unwrap(), 1);
    }

    pub(crate) fn set(&self, message: i64, column: &str, value: impl rusqlite::ToSql) {
        let update = format!("UPDATE stored_messages_message SET {column} = ?2 WHERE id = ?1");
        assert_eq!(self.conn.execute(&update, params![message, value]).unwrap(), 1);
    }
}

const TABLES: &str = "
CREATE TABLE stored_messages_message(id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    message text NOT NULL, level integer NOT NULL, tags text NOT NULL, date datetime NOT NULL);
CREATE TABLE stored_messages_inbox(id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    message_id integer NOT NULL, user_id varchar(200) NOT NULL);
CREATE TABLE stored_messages_messagearchive(id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    message_id integer NOT NULL, user_id varchar(200) NOT NULL);
";

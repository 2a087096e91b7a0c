//! Sources and stores other than a file.

use std::path::PathBuf;
use std::process::Command;

use restante_testkit::mariadb::MariadbServer;
use restante_testkit::postgres::{PostgresServer, or_skipped};
use restante_testkit::redis::RedisServer;
use restante_testkit::redis_cluster::RedisCluster;
use serde_json::{Value, json};

use crate::django_site::{archive, count, fixture, import, items, original, source};
use crate::sandbox::Sandbox;

/// What the site of the fixtures has, as it was made in SQLite and in PostgreSQL alike.
fn has_the_site(sandbox: &Sandbox, report: &Value, more: &[&str]) {
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

#[test]
fn a_site_in_postgresql_is_imported() {
    let Some(postgres) = PostgresServer::shared() else {
        return;
    };
    let sandbox = Sandbox::new();
    let url = postgres.database().unwrap();
    // Older versions of psql do not know what keeps a dump from running commands.
    let dump = std::fs::read_to_string(original("sm19.pg.sql")).unwrap();
    let lines = dump.lines().filter(|line| !line.contains("restrict "));
    let dump = lines.flat_map(|line| [line, "\n"]).collect::<String>();
    std::fs::write(sandbox.path("dump.sql"), dump).unwrap();
    let load = Command::new(postgres.program("psql"))
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &url, "-f"])
        .arg(sandbox.path("dump.sql"))
        .output()
        .unwrap();
    assert!(load.status.success(), "{load:?}");
    has_the_site(&sandbox, &import(&sandbox, &url, &[]), &[]);
    let again = import(&sandbox, &url, &["--naive-timezone", "Asia/Tokyo"]);
    assert_eq!(
        (&again["imported"]["messages"], &again["already_imported"]),
        (&json!(0), &json!(7))
    );

    let database = url.rsplit('/').next().unwrap();
    let change = "
        ALTER TABLE stored_messages_message ALTER date TYPE timestamp USING date AT TIME ZONE 'UTC';
        ALTER TABLE stored_messages_message DROP COLUMN url;
        ALTER TABLE stored_messages_inbox DROP CONSTRAINT stored_messages_inbox_user_id_0fb988d9_fk_auth_user_id;
        ALTER TABLE stored_messages_messagearchive DROP CONSTRAINT stored_messages_messagearchive_user_id_57faf009_fk_auth_user_id;
        ALTER TABLE stored_messages_inbox ALTER user_id TYPE uuid
            USING ('fe7bf72e-3ee1-474c-85c1-00000000000' || user_id)::uuid;
        ALTER TABLE stored_messages_messagearchive ALTER user_id TYPE uuid
            USING ('fe7bf72e-3ee1-474c-85c1-00000000000' || user_id)::uuid;
        CREATE TABLE dbmessages_message(id bigint, level int, message text, extra_tags text, to_user_id bigint);
        INSERT INTO dbmessages_message VALUES (1, 20, 'Ahoy', 'a', 7)";
    postgres.sql(database, change).unwrap();
    let more = ["--database", "sqlite:other.db"];
    let report =
        import(&sandbox, &url, &[&more[..], &["--naive-timezone", "Europe/Rome"]].concat());
    assert_eq!(report["imported"]["messages"], 8);
    let bob = items(&sandbox, "fe7bf72e-3ee1-474c-85c1-000000000002", &more);
    assert_eq!(bob[2]["date"], "2014-05-06T05:08:09.123Z");
    assert_eq!(archive(&sandbox, "7", &more), [("Ahoy".to_owned(), true)]);
}

#[test]
fn a_site_in_mariadb_is_imported() {
    let Some(mariadb) = MariadbServer::shared() else {
        return;
    };
    let sandbox = Sandbox::new();
    let url = mariadb.database().unwrap();
    let database = url.rsplit('/').next().unwrap();
    mariadb.sql(database, MARIADB).unwrap();
    has_the_site(&sandbox, &import(&sandbox, &url, &[]), &[]);
    let again = import(&sandbox, &url, &[]);
    assert_eq!(
        (&again["imported"]["messages"], &again["already_imported"]),
        (&json!(0), &json!(7))
    );

    let change = "
        ALTER TABLE stored_messages_message DROP COLUMN url;
        ALTER TABLE stored_messages_inbox MODIFY user_id char(32);
        ALTER TABLE stored_messages_messagearchive MODIFY user_id char(32);
        UPDATE stored_messages_inbox SET user_id = 'fe7bf72e3ee1474c85c1db40f5baf56d' WHERE user_id = 2;
        UPDATE stored_messages_messagearchive SET user_id = 'fe7bf72e3ee1474c85c1db40f5baf56d'
            WHERE user_id = 2;
        INSERT INTO stored_messages_inbox VALUES (99, 999, 1);
        CREATE TABLE dbmessages_message(id bigint, level int, message longtext, extra_tags longtext,
            to_user_id int);
        INSERT INTO dbmessages_message VALUES (1, 20, 'Ahoy', 'a', 7), (2, 20, '', '', 7)";
    mariadb.sql(database, change).unwrap();
    let more = ["--database", "sqlite:other.db"];
    let report =
        import(&sandbox, &url, &[&more[..], &["--naive-timezone", "Europe/Rome"]].concat());
    assert_eq!(report["imported"]["messages"], 8);
    assert_eq!(count(&report["skipped"], "no_message"), 1);
    assert_eq!(count(&report["skipped"], "no_text"), 1);
    let bob = items(&sandbox, "fe7bf72e-3ee1-474c-85c1-db40f5baf56d", &more);
    assert_eq!(bob[2]["date"], "2014-05-06T05:08:09.123Z");
    assert_eq!(archive(&sandbox, "7", &more), [("Ahoy".to_owned(), true)]);
}

/// The tables as Django makes them there.
const MARIADB: &str = "
CREATE TABLE stored_messages_message(id int AUTO_INCREMENT PRIMARY KEY, message longtext NOT NULL,
    level int NOT NULL, tags longtext NOT NULL, date datetime(6) NOT NULL, url varchar(200));
CREATE TABLE stored_messages_inbox(id int AUTO_INCREMENT PRIMARY KEY, message_id int NOT NULL,
    user_id int NOT NULL, KEY (message_id), KEY (user_id));
CREATE TABLE stored_messages_messagearchive(id int AUTO_INCREMENT PRIMARY KEY,
    message_id int NOT NULL, user_id int NOT NULL, KEY (message_id), KEY (user_id));
SET NAMES utf8mb4;
ALTER TABLE stored_messages_message CONVERT TO CHARACTER SET utf8mb4;
INSERT INTO stored_messages_message VALUES
    (1, 'Hello é 🎉', 21, 'tag1 tag2', '2026-11-20 08:49:00.702190', NULL),
    (2, 'To both', 41, '', '2026-11-20 08:49:00.720138', 'https://example.com/a?b=c'),
    (3, 'Everybody', 21, '', '2026-11-20 08:49:00.735979', NULL),
    (4, 'Dated', 20, '', '2014-05-06 07:08:09.123456', NULL),
    (5, 'Dated no micro, custom level', 99, '', '2014-05-06 07:08:09', NULL),
    (6, 'orphan (no inbox, no archive)', 21, '', '2026-11-20 08:49:00.768063', NULL),
    (7, 'archived only', 21, '', '2026-11-20 08:49:00.770539', NULL),
    (8, 'dups', 21, '', '2026-11-20 08:49:00.774200', NULL);
INSERT INTO stored_messages_inbox VALUES
    (2, 2, 1), (3, 2, 2), (4, 3, 1), (5, 3, 2), (6, 4, 2), (7, 5, 2), (8, 8, 1), (9, 8, 1);
INSERT INTO stored_messages_messagearchive VALUES (1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 3, 1),
    (5, 3, 2), (6, 4, 2), (7, 5, 2), (8, 7, 1), (9, 8, 1), (10, 8, 1)";

/// Puts the keys of the fixture there.
fn fill(redis: &RedisServer) {
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

#[test]
fn lists_in_redis_are_imported() {
    let Some(redis) = or_skipped(RedisServer::start_fast()) else {
        return;
    };
    fill(&redis);
    let keys = redis.cli(&["DBSIZE"]).unwrap();
    let sandbox = Sandbox::new();
    let report = import(&sandbox, &redis.url(), &[]);
    assert_eq!((&report["apps"], &report["found"]), (&json!(["stored-messages"]), &json!(12)));
    assert_eq!(report["imported"], json!({ "messages": 12, "unread": 11, "read": 1 }));
    assert_eq!(count(&report["skipped"], "duplicate"), 2);
    let said = |text: &str, unread| (text.to_owned(), unread);
    let ann = [
        said("Everybody", true),
        said("To both", true),
        said("Hello é 🎉", false),
        said("dup-a", true),
    ];
    assert_eq!(archive(&sandbox, "1", &[]), ann);
    let bob = items(&sandbox, "2", &[]);
    let texts: Vec<_> = bob.iter().map(|item| item["message"].as_str().unwrap()).collect();
    let dated = ["dup-a", "Naive", "Dated", "Dated no micro, custom level", "Rome tz"];
    assert_eq!(texts[..2], ["Everybody", "To both"]);
    assert_eq!(texts[2..], dated, "in the order of dates, those of one as the list has them");
    assert_eq!(bob[6]["date"], "2014-05-06T05:08:09.123Z");
    let uuid = "fe7bf72e-3ee1-474c-85c1-db40f5baf56d";
    assert_eq!(archive(&sandbox, uuid, &[]), [said("x", true)]);

    let again = import(&sandbox, &redis.url(), &["--naive-timezone", "Asia/Tokyo"]);
    assert_eq!(
        (&again["imported"]["messages"], &again["already_imported"]),
        (&json!(0), &json!(12))
    );
    assert_eq!(redis.cli(&["DBSIZE"]).unwrap(), keys);
}

#[test]
fn what_redis_has_else_is_told() {
    let Some(redis) = or_skipped(RedisServer::start_fast()) else {
        return;
    };
    let sandbox = Sandbox::new();
    let (_, said) = sandbox.refused(&["import", "django", "--source", &redis.url()]);
    assert!(said.contains("there are no lists of django-stored-messages"), "{said}");
    let item = |text: &str, id: &str| {
        json!({ "id": id, "message": text, "level": 21, "tags": "", "date": "2014-05-06T07:08:09Z" })
            .to_string()
    };
    let (one, two) = (item("é", "same"), item("ü", "same"));
    let archive_key = ["RPUSH", "user:1:archive", &one, "{broken", &two, "\"text\"", &one];
    redis.cli(&archive_key).unwrap();
    redis.cli(&["RPUSH", "user:1:notifications", &two]).unwrap();
    redis.cli(&["SET", "user:2:archive", "no list"]).unwrap();
    // More than is read at once, and in the wrong order.
    for number in (0..1_234).rev() {
        let date = format!("2014-05-06T07:{:02}:{:02}Z", number / 60, number % 60);
        let item = json!({ "message": number.to_string(), "level": 20, "date": date }).to_string();
        redis.cli(&["RPUSH", "user:3:archive", &item]).unwrap();
    }
    let report = import(&sandbox, &redis.url(), &[]);
    let skipped = |reason| count(&report["skipped"], reason);
    assert_eq!((skipped("malformed"), skipped("duplicate"), skipped("no_list")), (2, 1, 1));
    assert_eq!(report["imported"], json!({ "messages": 1_236, "unread": 1, "read": 1_235 }));
    let said = |text: &str, unread| (text.to_owned(), unread);
    assert_eq!(archive(&sandbox, "1", &[]), [said("ü", true), said("é", false)]);
    let page = sandbox.json(&["inbox", "3", "--archive", "--limit", "100"]);
    let first = page["items"].as_array().unwrap().iter();
    let texts: Vec<_> = first.map(|item| item["message"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, (1_134..1_234).rev().map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn every_store_has_the_same_afterwards() {
    let mut stores = Vec::new();
    stores.extend(PostgresServer::shared().map(|server| server.schema().unwrap()));
    stores.extend(MariadbServer::shared().map(|server| server.database().unwrap()));
    let redis = or_skipped(RedisServer::start_fast());
    stores.extend(redis.as_ref().map(RedisServer::url));
    stores.extend(RedisCluster::shared().map(RedisCluster::url));
    let sandbox = Sandbox::new();
    let site: PathBuf = fixture(&sandbox, "stored_messages_tz.sqlite3");
    let lists = or_skipped(RedisServer::start_fast());
    if let Some(lists) = &lists {
        fill(lists);
    }
    for store in &stores {
        let more = ["--database", store];
        has_the_site(&sandbox, &import(&sandbox, &source(&site), &more), &more);
        let id = items(&sandbox, "1", &[&more[..], &["--archive"]].concat())[4]["id"].to_string();
        sandbox.ok(&[&["unread", "1", &id], &more[..]].concat());
        let id = items(&sandbox, "1", &more)[1]["id"].to_string();
        sandbox.ok(&[&["dismiss", "1", &id], &more[..]].concat());
        sandbox.ok(&[&["sweep"], &more[..]].concat());
        let before = items(&sandbox, "1", &[&more[..], &["--archive"]].concat());
        let again = import(&sandbox, &source(&site), &more);
        assert_eq!(
            (&again["imported"]["messages"], &again["already_imported"]),
            (&json!(0), &json!(7))
        );
        assert_eq!(items(&sandbox, "1", &[&more[..], &["--archive"]].concat()), before, "{store}");
        if let Some(lists) = &lists {
            let report = import(&sandbox, &lists.url(), &more);
            assert_eq!(report["imported"], json!({ "messages": 12, "unread": 11, "read": 1 }));
        }
    }
}

/// The order of dates is kept for each user while hundreds of messages are under way at once.
#[test]
fn every_store_keeps_the_order_of_dates() {
    let mut stores = vec!["sqlite:order.db".to_owned()];
    stores.extend(PostgresServer::shared().map(|server| server.schema().unwrap()));
    stores.extend(MariadbServer::shared().map(|server| server.database().unwrap()));
    let redis = or_skipped(RedisServer::start_fast());
    stores.extend(redis.as_ref().map(RedisServer::url));
    stores.extend(RedisCluster::shared().map(RedisCluster::url));
    let sandbox = Sandbox::new();
    let site = crate::django_site::Site::new(&sandbox, "site.sqlite3");
    let fill = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
        INSERT INTO stored_messages_message(id, message, level, tags, date)
            SELECT 2000 - i, i, 21, '', datetime('2020-01-01', i || ' minutes') FROM n;
        INSERT INTO stored_messages_messagearchive(message_id, user_id)
            SELECT id, 'user ' || (message % 25) FROM stored_messages_message;
        INSERT INTO stored_messages_messagearchive(message_id, user_id)
            SELECT 1000, 'crowd ' || id FROM stored_messages_message;
        INSERT INTO stored_messages_messagearchive(message_id, user_id)
            SELECT 1000, 'rest ' || id FROM stored_messages_message";
    site.conn.execute_batch(fill).unwrap();
    for store in &stores {
        let more = ["--database", store];
        let report = import(&sandbox, &site.source(), &more);
        assert_eq!(report["imported"]["read"], 6_000);
        for user in 0..25 {
            let all = archive(&sandbox, &format!("user {user}"), &more);
            let numbers: Vec<i64> = all.iter().map(|(text, _)| text.parse().unwrap()).collect();
            let expected: Vec<i64> = (0..2_000).rev().filter(|n| n % 25 == user).collect();
            assert_eq!(numbers, expected, "user {user} on {store}");
        }
        // A list that is longer than a part is delivered before the import ends.
        assert_eq!(archive(&sandbox, "rest 1999", &more), [("1000".to_owned(), false)]);
    }
}

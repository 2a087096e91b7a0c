//! Sites whose messages are on a server.

use std::process::Command;

use restante_testkit::mariadb::MariadbServer;
use restante_testkit::postgres::{PostgresServer, or_skipped};
use restante_testkit::redis::RedisServer;
use serde_json::json;

use crate::django_site::{archive, count, fill, has_the_site, import, items, original};
use crate::sandbox::Sandbox;

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

/// 3,000 messages whose ids fall as their dates rise. Each is in the archive of one user; one in three
/// is unread; one has 6,000 users more. `{date}` is a date that rises with `i`.
const LONG: &str = "
INSERT INTO stored_messages_message(id, message, level, tags, date)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    SELECT 3001 - i, {text}, 21, '', {date} FROM n;
INSERT INTO stored_messages_messagearchive(id, message_id, user_id)
    SELECT id, id, 1 + id % 40 FROM stored_messages_message;
INSERT INTO stored_messages_inbox(id, message_id, user_id)
    SELECT id, id, 1 + id % 40 FROM stored_messages_message WHERE id % 3 = 0;
INSERT INTO stored_messages_messagearchive(id, message_id, user_id)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
    SELECT 3000 + i, 1500, 100 + i FROM n";

/// What is longer than what is read at once is put together rightly.
fn has_the_long_site(source: &str) {
    let sandbox = Sandbox::new();
    let report = import(&sandbox, source, &[]);
    assert_eq!(report["imported"], json!({ "messages": 3_000, "unread": 1_000, "read": 8_000 }));
    assert_eq!(report["skipped"], json!([]));
    for user in [1, 21, 40] {
        // The text is the number in the order of dates.
        let rises = (1..=3_000).rev().filter(|number| 1 + (3_001 - number) % 40 == user);
        let expected = rises.map(|number| (number.to_string(), (3_001 - number) % 3 == 0));
        assert_eq!(archive(&sandbox, &user.to_string(), &[]), expected.collect::<Vec<_>>());
    }
    for user in ["101", "6100"] {
        assert_eq!(archive(&sandbox, user, &[]), [("1501".to_owned(), false)]);
    }
}

#[test]
fn a_long_site_in_postgresql_is_imported() {
    let Some(postgres) = PostgresServer::shared() else {
        return;
    };
    let url = postgres.database().unwrap();
    let database = url.rsplit('/').next().unwrap();
    let tables = "
        CREATE TABLE stored_messages_message(id bigint PRIMARY KEY, message text NOT NULL,
            level int NOT NULL, tags text NOT NULL, date timestamptz NOT NULL);
        CREATE TABLE stored_messages_inbox(id bigint, message_id bigint, user_id bigint);
        CREATE TABLE stored_messages_messagearchive(id bigint, message_id bigint, user_id bigint);";
    let long = LONG.replace("{text}", "i::text");
    let long = long.replace("{date}", "timestamptz '2020-01-01 00:00Z' + i * interval '1 minute'");
    postgres.sql(database, &format!("{tables}{long}")).unwrap();
    has_the_long_site(&url);
}

#[test]
fn a_long_site_in_mariadb_is_imported() {
    let Some(mariadb) = MariadbServer::shared() else {
        return;
    };
    let url = mariadb.database().unwrap();
    let database = url.rsplit('/').next().unwrap();
    let (tables, _) = MARIADB.split_once("SET NAMES").unwrap();
    let long = LONG.replace("{text}", "i");
    let long = long.replace("{date}", "timestamp '2020-01-01 00:00:00' + interval i minute");
    mariadb
        .sql(database, &format!("SET max_recursive_iterations = 10000; {tables}{long}"))
        .unwrap();
    has_the_long_site(&url);
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

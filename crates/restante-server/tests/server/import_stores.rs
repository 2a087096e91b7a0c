//! An import into stores on a server.

use restante_testkit::mariadb::MariadbServer;
use restante_testkit::postgres::{PostgresServer, or_skipped};
use restante_testkit::redis::RedisServer;
use restante_testkit::redis_cluster::RedisCluster;
use serde_json::json;

use crate::django_site::{Site, archive, fill, fixture, has_the_site, import, items, source};
use crate::sandbox::Sandbox;

#[test]
fn every_store_has_the_same_afterwards() {
    let mut stores = Vec::new();
    stores.extend(PostgresServer::shared().map(|server| server.schema().unwrap()));
    stores.extend(MariadbServer::shared().map(|server| server.database().unwrap()));
    let redis = or_skipped(RedisServer::start_fast());
    stores.extend(redis.as_ref().map(RedisServer::url));
    stores.extend(RedisCluster::shared().map(RedisCluster::url));
    let sandbox = Sandbox::new();
    let site = fixture(&sandbox, "stored_messages_tz.sqlite3");
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
    let site = Site::new(&sandbox, "site.sqlite3");
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

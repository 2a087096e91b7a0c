//! What becomes of the rows of a Django site.

use serde_json::json;

use crate::django_site::{Site, archive, count, fixture, import, items, source};
use crate::sandbox::Sandbox;

#[test]
fn stored_messages_become_inbox_and_archive() {
    let sandbox = Sandbox::new();
    let file = fixture(&sandbox, "stored_messages_tz.sqlite3");
    let report = import(&sandbox, &source(&file), &[]);
    assert_eq!(report["apps"], json!(["stored-messages"]));
    assert_eq!(report["found"], 8);
    assert_eq!(report["imported"], json!({ "messages": 7, "unread": 7, "read": 2 }));
    assert_eq!(count(&report["skipped"], "no_recipient"), 1);
    assert_eq!(count(&report["skipped"], "duplicate"), 2);
    assert_eq!(report["skipped"].as_array().unwrap().len(), 2);
    assert_eq!(report["changed"], json!([]));

    let said = |text: &str, unread| (text.to_owned(), unread);
    let ann = [
        said("dups", true),
        said("archived only", false),
        said("Everybody", true),
        said("To both", true),
        said("Hello é 🎉", false),
    ];
    assert_eq!(archive(&sandbox, "1", &[]), ann);
    let bob = [
        said("Everybody", true),
        said("To both", true),
        said("Dated", true),
        said("Dated no micro, custom level", true),
    ];
    assert_eq!(archive(&sandbox, "2", &[]), bob);

    let ann = items(&sandbox, "1", &["--archive"]);
    let hello = &ann[4];
    assert_eq!((&hello["level"], &hello["extra_tags"]), (&json!(21), &json!("tag1 tag2")));
    assert_eq!(hello["read_at"], json!(null), "nobody knows when");
    assert_eq!(ann[3]["url"], "https://example.com/a?b=c");
    assert_eq!(ann[3]["date"], "2026-11-20T08:49:00.073Z");
    let bob = items(&sandbox, "2", &[]);
    assert_eq!(bob[2]["date"], "2014-05-06T07:08:09.123Z");
    assert_eq!((&bob[3]["date"], &bob[3]["level"]), (&json!("2014-05-06T07:08:09Z"), &json!(99)));
    // A message of several users is one.
    let sent = sandbox.json(&["sent", "--limit", "100"]);
    let both = sent["messages"].as_array().unwrap().iter().find(|m| m["message"] == "To both");
    assert_eq!(both.unwrap()["recipients"], 2);
}

#[test]
fn a_uuid_is_written_as_django_writes_it() {
    let sandbox = Sandbox::new();
    let file = fixture(&sandbox, "stored_messages_uuid_user.sqlite3");
    import(&sandbox, &source(&file), &["--app", "stored-messages"]);
    let user = "fe7bf72e-3ee1-474c-85c1-db40f5baf56d";
    assert_eq!(archive(&sandbox, user, &[]), [("uuid user".to_owned(), true)]);
}

#[test]
fn dbmessages_are_unread_and_of_now() {
    let sandbox = Sandbox::new();
    let file = fixture(&sandbox, "dbmessages.sqlite3");
    let report = import(&sandbox, &source(&file), &[]);
    assert_eq!(report["apps"], json!(["dbmessages"]));
    assert_eq!(report["imported"], json!({ "messages": 4, "unread": 4, "read": 0 }));
    assert_eq!(count(&report["skipped"], "no_text"), 1);
    assert_eq!(report["skipped"][0]["places"], json!(["dbmessages_message 2"]));
    let said = |text: &str| (text.to_owned(), true);
    assert_eq!(archive(&sandbox, "1", &[]), [said("Ahoy é")]);
    let bob = [said("dup"), said("dup"), said("custom low level")];
    assert_eq!(archive(&sandbox, "2", &[]), bob, "two rows are two messages");
    let bob = items(&sandbox, "2", &[]);
    assert_eq!((&bob[2]["level"], &bob[2]["extra_tags"]), (&json!(7), &json!("x")));
    let again = import(&sandbox, &source(&file), &[]);
    assert_eq!(
        (&again["imported"]["messages"], &again["already_imported"]),
        (&json!(0), &json!(4))
    );
    assert_eq!(items(&sandbox, "2", &[]), bob);
}

#[test]
fn both_apps_of_one_database_are_imported() {
    let sandbox = Sandbox::new();
    let file = fixture(&sandbox, "dbmessages.sqlite3");
    let site = Site::new(&sandbox, "site.sqlite3");
    site.message("stored", "2026-11-20 08:49:00", &["1"], &[]);
    let copy = format!(
        "ATTACH '{}' AS other; CREATE TABLE dbmessages_message AS SELECT * FROM
         other.dbmessages_message",
        file.display()
    );
    site.conn.execute_batch(&copy).unwrap();
    let report = import(&sandbox, &site.source(), &[]);
    assert_eq!(report["apps"], json!(["stored-messages", "dbmessages"]));
    assert_eq!(report["imported"]["messages"], 5);
    let said = |text: &str| (text.to_owned(), true);
    assert_eq!(archive(&sandbox, "1", &[]), [said("Ahoy é"), said("stored")]);
    let only = import(&sandbox, &site.source(), &["--app", "dbmessages"]);
    assert_eq!((&only["found"], &only["already_imported"]), (&json!(5), &json!(4)));
}

#[test]
fn dates_without_a_zone_are_of_the_one_that_is_named() {
    let sandbox = Sandbox::new();
    let site = Site::without_url(&sandbox, "site.sqlite3");
    site.message("summer", "2014-05-06 07:08:09", &["1"], &[]);
    site.message("winter", "2014-12-06 07:08:09.5", &["1"], &[]);
    let report = import(&sandbox, &site.source(), &["--naive-timezone", "Europe/Rome"]);
    assert_eq!(report["imported"]["messages"], 2, "the column of the url is not needed");
    let items = items(&sandbox, "1", &[]);
    assert_eq!(items[0]["date"], "2014-12-06T06:08:09.5Z");
    assert_eq!(items[1]["date"], "2014-05-06T05:08:09Z");
    // The zone is no part of what a message is.
    let again = import(&sandbox, &site.source(), &[]);
    assert_eq!(
        (&again["imported"]["messages"], &again["already_imported"]),
        (&json!(0), &json!(2))
    );
    let (code, said) = sandbox.refused(&[
        "import",
        "django",
        "--source",
        &site.source(),
        "--naive-timezone",
        "Europe/Roma",
    ]);
    assert!(code == 2 && said.contains("must be a time zone"), "{said}");
}

#[test]
fn what_cannot_be_kept_is_counted_with_its_place() {
    let sandbox = Sandbox::new();
    let site = Site::new(&sandbox, "site.sqlite3");
    let day = "2026-11-20 08:49:00";
    let put = |text: &str| site.message(text, day, &["1"], &[]);
    put("fine");
    let astray = put("gone");
    site.conn.execute("DELETE FROM stored_messages_message WHERE id = ?1", [astray]).unwrap();
    put("");
    put(&"x".repeat(16 * 1024 + 1));
    site.message("when", "some day", &["1"], &[]);
    site.set(put("what level"), "level", "high");
    site.set(put("what a level"), "level", 1_i64 << 40);
    let long = "u".repeat(192);
    site.message("who", day, &["1", "*", &long], &[]);
    site.set(put("bytes"), "message", rusqlite::types::Value::Blob(b"by\xfftes".to_vec()));
    put("con\u{1b}trol");
    site.set(put("url"), "url", "javascript:alert(1)");
    site.set(put("tags"), "tags", format!("a {} b", "t".repeat(65)));
    let nobody = site.message("nobody", day, &[], &[]);
    let report = import(&sandbox, &site.source(), &[]);
    let skipped = |reason| count(&report["skipped"], reason);
    // One row of the inbox, and one of the archive.
    assert_eq!(skipped("no_message"), 2);
    assert_eq!((skipped("no_text"), skipped("long_text"), skipped("date")), (1, 1, 1));
    assert_eq!((skipped("level"), skipped("user"), skipped("no_recipient")), (2, 2, 1));
    let changed = |reason| count(&report["changed"], reason);
    assert_eq!((changed("characters"), changed("controls")), (1, 1));
    assert_eq!((changed("url"), changed("tags")), (1, 1));
    assert_eq!(report["imported"], json!({ "messages": 6, "unread": 6, "read": 0 }));
    let reasons = report["skipped"].as_array().unwrap();
    let of_nobody = reasons.iter().find(|line| line["reason"] == "no_recipient").unwrap();
    assert_eq!(of_nobody["places"], json!([format!("stored_messages_message {nobody}")]));
    let mut texts: Vec<_> = archive(&sandbox, "1", &[]).into_iter().map(|(text, _)| text).collect();
    texts.sort();
    assert_eq!(texts, ["by\u{fffd}tes", "control", "fine", "tags", "url", "who"]);
    let words = sandbox.ok(&["import", "django", "--source", &site.source()]);
    assert!(words.contains("Found 12 messages of django-stored-messages\n"), "{words}");
    assert!(words.contains("Left alone 6 messages that an earlier import had brought"), "{words}");
    assert!(
        words.contains(&format!(
            "Left out 1 message in nobody's inbox or archive: stored_messages_message {nobody}\n"
        )),
        "{words}"
    );
}

#[test]
fn expiry_counts_from_the_import_or_from_the_date() {
    let sandbox = Sandbox::new();
    let site = Site::new(&sandbox, "site.sqlite3");
    let ago = |days: i64| {
        let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
        then.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
    };
    for days in [1, 40, 130] {
        site.message(&format!("unread {days}"), &ago(days), &["1"], &[]);
        site.message(&format!("read {days}"), &ago(days), &[], &["1"]);
    }
    site.message("read tomorrow", &ago(-1), &[], &["1"]);
    let unread = |database: &str| {
        let all = archive(&sandbox, "1", &["--database", database]);
        all.into_iter().filter(|(_, unread)| *unread).map(|(text, _)| text).collect::<Vec<_>>()
    };
    let kept = "sqlite:kept.db";
    let report = import(&sandbox, &site.source(), &["--database", kept]);
    assert_eq!(report["imported"]["messages"], 7);
    assert_eq!(unread(kept), ["unread 1", "unread 40", "unread 130"]);

    let old = "sqlite:old.db";
    let report =
        import(&sandbox, &site.source(), &["--database", old, "--expire-from", "original"]);
    assert_eq!(report["imported"]["messages"], 5);
    assert_eq!(count(&report["skipped"], "expired"), 2);
    assert_eq!(unread(old), ["unread 1"], "30 days for the inbox, 120 for the archive");
    assert_eq!(archive(&sandbox, "1", &["--database", old]).len(), 5);

    let never = "sqlite:never.db";
    let forever = ["--database", never, "--expire-from", "original", "--expires", "never"];
    assert_eq!(import(&sandbox, &site.source(), &forever)["imported"]["messages"], 7);
    assert_eq!(unread(never).len(), 3);
    let all = items(&sandbox, "1", &["--archive", "--database", never]);
    assert!(all.iter().all(|item| item["expires_at"].is_null()));
}

#[test]
fn a_dry_run_prints_the_same_counts_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let file = fixture(&sandbox, "stored_messages_tz.sqlite3");
    let dry = import(&sandbox, &source(&file), &["--dry-run"]);
    assert!(!sandbox.path("restante.db").exists());
    let mut wet = import(&sandbox, &source(&file), &[]);
    assert_eq!((&dry["dry_run"], &wet["dry_run"]), (&json!(true), &json!(false)));
    wet["dry_run"] = json!(true);
    assert_eq!(dry, wet);
    let words = sandbox.ok(&["import", "django", "--source", &source(&file), "--dry-run"]);
    assert!(
        words.contains("Would import 7 messages: unread for 7 recipients, read by 2"),
        "{words}"
    );
}

#[test]
fn the_source_is_only_read() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("site")).unwrap();
    let site = Site::new(&sandbox, "site/plain.sqlite3");
    site.message("Ahoy", "2026-11-20 08:49:00", &["1"], &[]);
    let log = Site::new(&sandbox, "site/log.sqlite3");
    log.conn.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    log.message("in the log", "2026-11-20 08:49:00", &["1"], &[]);
    let look = || {
        let files = std::fs::read_dir(sandbox.path("site")).unwrap().map(|file| {
            let path = file.unwrap().path();
            // What readers of a log note down for each other is not the site's.
            let is_shared = path.to_string_lossy().ends_with("-shm");
            (path.clone(), if is_shared { Vec::new() } else { std::fs::read(path).unwrap() })
        });
        let mut files: Vec<_> = files.collect();
        files.sort();
        files
    };
    let open = look();
    assert_eq!(import(&sandbox, &site.source(), &[])["imported"]["messages"], 1);
    assert_eq!(import(&sandbox, &log.source(), &[])["imported"]["messages"], 1);
    assert!(open == look(), "something was written while the site had it open");
    let sources = [site.source(), log.source()];
    drop((site, log));
    let closed = look();
    assert_eq!(closed.len(), 2);
    for source in &sources {
        assert_eq!(import(&sandbox, source, &[])["already_imported"], 1);
    }
    assert!(closed == look(), "something was written");
}

#[test]
fn a_source_that_is_none_is_told() {
    let sandbox = Sandbox::new();
    let refused = |arguments: &[&str]| {
        sandbox.refused(&[&["import", "django", "--source"], arguments].concat())
    };
    let (code, said) = refused(&["db.sqlite3"]);
    assert!(code == 2 && said.contains("must be `sqlite:FILE`"), "{said}");
    let (code, said) = refused(&["sqlite:missing.sqlite3"]);
    assert!(code == 1 && said.contains("cannot read missing.sqlite3"), "{said}");
    let other = rusqlite::Connection::open(sandbox.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE stored_messages(id integer)").unwrap();
    let (_, said) = refused(&["sqlite:other.db"]);
    assert!(said.contains("has neither stored_messages_message"), "{said}");
    other.execute_batch("CREATE TABLE dbmessages_message(id integer, message text)").unwrap();
    let (_, said) = refused(&["sqlite:other.db"]);
    assert!(said.contains("dbmessages_message of the source has no column level"), "{said}");
    let (_, said) = refused(&["sqlite:other.db", "--app", "stored-messages"]);
    assert!(said.contains("the source has no table stored_messages_message"), "{said}");
    std::fs::write(sandbox.path("text.db"), "x".repeat(4_096)).unwrap();
    let (_, said) = refused(&["sqlite:text.db"]);
    assert!(said.contains("text.db: file is not a database"), "{said}");
    let (_, said) = refused(&["sqlite:other.db", "--server", "http://localhost:1"]);
    assert!(said.contains("`restante import` works on a database"), "{said}");
    let (_, said) = refused(&["postgres://nobody@127.0.0.1:1/site", "--dry-run"]);
    assert!(said.contains("cannot read the source: postgres: the server cannot be"), "{said}");
}

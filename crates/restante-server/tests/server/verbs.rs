use std::process::Stdio;

use crate::sandbox::Sandbox;

#[test]
fn every_verb_does_what_it_says() {
    let sandbox = Sandbox::new();
    let sent = sandbox.json(&[
        "send",
        "--to",
        "alice",
        "--to",
        "bob",
        "--to",
        "alice",
        "--level",
        "warning",
        "--tag",
        "a",
        "--tag",
        "b",
        "--url",
        "/x",
        "--data",
        r#"{"n": 1}"#,
        "--expires",
        "7d",
        "--key",
        "k",
        "Look here",
    ]);
    assert_eq!((&sent["recipients"], &sent["repeated"]), (&2.into(), &false.into()));
    let message = sent["id"].as_str().unwrap();
    sandbox.ok(&["send", "--everyone", "--newcomers", "To all"]);

    let page = sandbox.json(&["inbox", "alice", "--tag", "b", "--level", "warning"]);
    let item = &page["items"][0];
    assert_eq!((&item["message"], &item["url"]), (&"Look here".into(), &"/x".into()));
    assert_eq!((&item["extra_tags"], &item["data"]["n"]), (&"a b".into(), &1.into()));
    let id = item["id"].to_string();

    assert_eq!(sandbox.json(&["read", "alice", &id])["changed"], true);
    assert_eq!(sandbox.ok(&["read", "alice", &id]), "It was read already\n");
    let receipts = sandbox.json(&["sent", message]);
    assert_eq!((&receipts["delivered"], &receipts["read"]), (&2.into(), &1.into()));
    assert_eq!(sandbox.json(&["unread", "alice", &id])["changed"], true);
    assert_eq!(sandbox.ok(&["read", "alice", "--all"]), "2 messages marked read\n");
    assert_eq!(sandbox.ok(&["read", "alice", "--all"]), "Nothing was unread\n");

    assert_eq!(sandbox.json(&["inbox", "bob"])["unread"], 2);
    let id = sandbox.json(&["inbox", "bob"])["items"][1]["id"].to_string();
    assert_eq!(sandbox.ok(&["dismiss", "bob", &id]), "Dismissed\n");
    let export = sandbox.json(&["export", "bob"]);
    assert_eq!(export["items"][1]["dismissed"], true);

    assert_eq!(sandbox.json(&["sent"])["messages"].as_array().unwrap().len(), 2);
    assert_eq!(sandbox.json(&["retract", message])["changed"], true);
    let archive = sandbox.json(&["inbox", "alice", "--archive"]);
    assert_eq!(archive["items"].as_array().unwrap().len(), 1);
    sandbox.ok(&["sweep"]);
    sandbox.ok(&["migrate"]);
    assert_eq!(sandbox.ok(&["forget", "bob"]), "bob is forgotten\n");
    assert_eq!(sandbox.ok(&["forget", "bob"]), "Nothing was kept of bob\n");
}

#[test]
fn an_idempotency_key_sends_once_and_refuses_other_content() {
    let sandbox = Sandbox::new();
    let first = sandbox.json(&["send", "--to", "alice", "--key", "k", "once"]);
    let again = sandbox.json(&["send", "--to", "alice", "--key", "k", "once"]);
    assert_eq!((&first["id"], &again["repeated"]), (&again["id"], &true.into()));
    let (code, complaint) = sandbox.refused(&["send", "--to", "alice", "--key", "k", "twice"]);
    assert_eq!(code, 1);
    assert!(complaint.contains("key"), "{complaint}");
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
}

#[test]
fn a_long_list_is_delivered_to_its_end() {
    let sandbox = Sandbox::new();
    let list: Vec<_> = (0..5_000).map(|number| format!("user-{number}\r\n")).collect();
    std::fs::write(sandbox.path("list.txt"), list.concat()).unwrap();
    let sent = sandbox.json(&["send", "--to-file", "list.txt", "To many"]);
    assert_eq!((&sent["recipients"], &sent["waiting"]), (&5_000.into(), &0.into()));
    assert_eq!(sandbox.json(&["inbox", "user-4999"])["unread"], 1);
    let receipts = sandbox.json(&["sent", sent["id"].as_str().unwrap()]);
    assert_eq!(receipts["delivered"], 5_000);
}

#[test]
fn standard_input_is_a_text_or_a_list() {
    let sandbox = Sandbox::new();
    let text = sandbox.run_with_input(&["send", "--to", "alice", "-"], b"two\r\nlines\n");
    assert!(text.status.success(), "{text:?}");
    assert_eq!(sandbox.json(&["inbox", "alice"])["items"][0]["message"], "two\nlines");
    let list = sandbox.run_with_input(&["send", "--to-file", "-", "x"], b"bob\n\ncarol\n");
    assert!(list.status.success(), "{list:?}");
    assert_eq!(sandbox.json(&["inbox", "carol"])["unread"], 1);
}

#[test]
fn pages_of_the_inbox_follow_each_other() {
    let sandbox = Sandbox::new();
    for text in ["one", "two", "three"] {
        sandbox.ok(&["send", "--to", "alice", text]);
    }
    let first = sandbox.json(&["inbox", "alice", "--limit", "2"]);
    let cursor = first["next"].as_str().unwrap();
    let hint = sandbox.ok(&["inbox", "alice", "--limit", "2"]);
    assert!(hint.contains(&format!("--after {cursor}")), "{hint}");
    let second = sandbox.json(&["inbox", "alice", "--limit", "2", "--after", cursor]);
    assert_eq!(second["items"][0]["message"], "one");
    assert!(second["next"].is_null());
}

#[test]
fn bad_input_is_refused_with_its_field_and_what_is_allowed() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "x"]);
    let (long_text, long_user) = ("x".repeat(16_385), "u".repeat(192));
    let (long_key, long_url) = ("k".repeat(256), format!("/{}", "u".repeat(2_000)));
    let long_data = format!("\"{}\"", "d".repeat(8_192));
    let long_tag = "t".repeat(65);
    let many_tags: Vec<&str> = ["--tag", "t"].into_iter().cycle().take(34).collect();
    let to_alice = |rest: &[&'static str]| [&["send", "--to", "alice"], rest].concat();

    let mut cases: Vec<(Vec<&str>, i32, &str)> = vec![
        (vec!["send", "x"], 2, "--to"),
        (to_alice(&[]), 2, "TEXT"),
        (to_alice(&["--everyone", "x"]), 2, "--everyone"),
        (to_alice(&["--newcomers", "x"]), 1, "newcomers: goes with a message to everyone"),
        (to_alice(&["--level", "loud", "x"]), 2, "level"),
        (to_alice(&["--expires", "soon", "x"]), 2, "`7d`"),
        (to_alice(&["--expires", "-1d", "x"]), 2, "future"),
        (
            to_alice(&["--expires", "2020-01-01T00:00:00Z", "x"]),
            1,
            "expires: must be in the future",
        ),
        (to_alice(&[""]), 1, "message"),
        (to_alice(&["a\u{1b}[2Jb"]), 1, "message"),
        (to_alice(&["--url", "javascript:alert(1)", "x"]), 1, "url"),
        (to_alice(&["--data", "{", "x"]), 1, "data: must be JSON"),
        (to_alice(&["--tag", "a b", "x"]), 1, "tag"),
        (to_alice(&["--key", "", "x"]), 1, "key"),
        (vec!["send", "--to", "*", "x"], 1, "to: "),
        (vec!["send", "--to", "", "x"], 1, "to: "),
        (vec!["send", "--to-file", "none.txt", "x"], 1, "to-file: cannot open none.txt"),
        (vec!["send", "--to-file", "-", "-"], 1, "standard input"),
        (vec!["inbox"], 2, "USER"),
        (vec!["inbox", "*"], 1, "user"),
        (vec!["inbox", "alice", "--limit", "0"], 1, "limit: a page has at least 1 item"),
        (vec!["inbox", "alice", "--limit", "101"], 1, "limit: a page has at most 100 items"),
        (vec!["inbox", "alice", "--after", "x"], 2, "after"),
        (vec!["read", "alice"], 2, "ID"),
        (vec!["read", "alice", "x"], 2, "ID"),
        (vec!["read", "alice", "1", "--all"], 2, "--all"),
        (vec!["read", "alice", "4"], 1, "alice has no message 4"),
        (vec!["unread", "alice", "4"], 1, "alice has no message 4"),
        (vec!["dismiss", "alice", "4"], 1, "alice has no message 4"),
        (vec!["sent", "4"], 2, "`m_`"),
        (vec!["sent", "m_4"], 1, "m_4"),
        (vec!["sent", "--limit", "101"], 1, "limit"),
        (vec!["retract", "m_4"], 1, "no message m_4"),
        (vec!["forget", ""], 1, "user"),
        (vec!["export", ""], 1, "user"),
        (vec!["inbox", "alice", "--database", "mssql://x"], 2, "`redis+cluster://…` or `memory:`"),
        (vec!["inbox", "alice", "--database", "memory:"], 1, "restante serve"),
        (vec!["inbox", "alice", "--database", "sqlite:none.db"], 1, "no database none.db"),
        (vec!["serve", "--listen", "nowhere"], 1, "--listen"),
        (vec!["serve", "--user-header", "a b"], 2, "--user-header"),
        (vec!["serve", "--public-url", "https://a.example/inbox"], 2, "the server's own"),
        (vec!["serve", "--public-url", "https://a.example/é"], 2, "of letters"),
        (vec!["fly"], 2, "fly"),
    ];
    cases.push((
        vec!["send", "--to", "alice", &long_text],
        1,
        "message: the text is at most 16 KiB",
    ));
    cases.push((vec!["send", "--to", &long_user, "x"], 1, "at most 191 bytes"));
    cases.push((vec!["send", "--to", "alice", "--key", &long_key, "x"], 1, "at most 255 bytes"));
    cases.push((vec!["send", "--to", "alice", "--url", &long_url, "x"], 1, "2,000 characters"));
    cases.push((vec!["send", "--to", "alice", "--data", &long_data, "x"], 1, "at most 8 KiB"));
    cases.push((vec!["send", "--to", "alice", "--tag", &long_tag, "x"], 1, "at most 64 bytes"));
    let tagged = [&["send", "--to", "alice"], &many_tags[..], &["x"]].concat();
    cases.push((tagged, 1, "at most 16 tags"));

    for (arguments, code, named) in cases {
        let (got, complaint) = sandbox.refused(&arguments);
        assert!(got == code && complaint.contains(named), "{arguments:?}: {got} {complaint}");
        assert!(!complaint.contains("panicked"), "{complaint}");
        if code == 1 {
            assert!(complaint.starts_with("restante: "), "{complaint}");
            assert_eq!(complaint.lines().count(), 1, "{complaint}");
        }
    }
    // None of them left anything.
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
    assert!(!sandbox.path("none.db").exists());
}

#[test]
fn a_bad_line_of_a_list_is_told_by_its_number_and_nobody_gets_anything() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("list.txt"), "alice\n\nb\u{7}ob\n").unwrap();
    let (code, complaint) = sandbox.refused(&["send", "--to-file", "list.txt", "x"]);
    assert_eq!(code, 1);
    assert!(complaint.contains("line 3 of list.txt"), "{complaint}");
    sandbox.ok(&["migrate"]);
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 0);
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed() {
    let sandbox = Sandbox::new();
    let data = "{\"a\":\"\u{9b}31m\u{7f}\"}";
    let user = "ev\u{202e}il";
    sandbox.ok(&["send", "--to", user, "--data", data, "--tag", "t", "ab\tc\u{202e}d"]);
    for arguments in [
        vec!["inbox", user],
        vec!["inbox", user, "--json"],
        vec!["inbox", "not\u{202e}one"],
        vec!["sent"],
        vec!["sent", "--json"],
        vec!["export", user],
    ] {
        let printed = sandbox.ok(&arguments);
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!printed.contains(bad), "{arguments:?}: {printed:?}");
    }
    // Escaped, not lost.
    let page = sandbox.json(&["inbox", user]);
    assert_eq!(page["items"][0]["data"]["a"], "\u{9b}31m\u{7f}");
    let (_, complaint) = sandbox.refused(&["read", user, "4"]);
    assert!(!complaint.contains('\u{202e}'), "{complaint:?}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let sandbox = Sandbox::new();
    let text = "x".repeat(16_000);
    for _ in 0..10 {
        sandbox.ok(&["send", "--to", "alice", &text]);
    }
    let mut command = sandbox.command(&["export", "alice"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // More than a pipe holds: the process must notice.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn options_can_come_from_the_environment() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["send", "--to", "alice", "x"]);
    let output = command.env("RESTANTE_DATABASE", "sqlite:other.db").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.path("other.db").exists());
    assert!(!sandbox.path("restante.db").exists());
}

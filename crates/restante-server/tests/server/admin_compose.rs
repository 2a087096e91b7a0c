//! What the admin pages send, and what they refuse without losing it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::operator::{Operator, sent_id};
use crate::sandbox::Sandbox;

#[test]
fn a_message_has_every_part_that_was_typed() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let sent = operator.compose(&[
        ("to", "users"),
        ("users", "alice\r\n a/b?c#d <script> \r\n\r\nalice\r\n"),
        ("message", "One\r\ntwo <b>\u{5d0}</b>"),
        ("level", "custom"),
        ("level_number", "35"),
        ("url", "/orders/7"),
        ("tags", "shop  orders"),
        ("expires", "at"),
        ("expires_at", "2999-01-31T12:00"),
        ("data", "{ \"rows\": [1, 2] }"),
        ("action", "send"),
    ]);
    let id = sent_id(&sent);
    let item = &sandbox.json(&["inbox", "a/b?c#d <script>"])["items"][0];
    assert_eq!(item["message"], "One\ntwo <b>\u{5d0}</b>");
    assert_eq!((&item["level"], &item["url"]), (&35.into(), &"/orders/7".into()));
    assert_eq!(item["extra_tags"], "shop orders");
    assert_eq!(item["expires_at"], "2999-01-31T12:00:00Z");
    assert_eq!(item["data"]["rows"][1], 2);
    let listed = &sandbox.json(&["sent"])["messages"][0];
    assert_eq!((&listed["id"], &listed["recipients"]), (&id.as_str().into(), &2.into()));
    let keys = sandbox.json(&["key", "list"]);
    assert_eq!(listed["sender"], keys["keys"][0]["id"], "the key is the sender");

    let page = operator.page(&format!("/admin/sent/{id}"));
    assert!(page.contains("two &#60;b&#62;\u{5d0}&#60;/b&#62;"), "{page}");
    assert!(page.contains("Level 35") && page.contains("2 users"), "{page}");
}

#[test]
fn everything_wrong_is_named_at_once_and_nothing_typed_is_lost() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let long = "t".repeat(65);
    let answer = operator.compose(&[
        ("to", "users"),
        ("users", "alice\ncarol\u{7}"),
        ("message", "a\u{1b}[31m <i>"),
        ("level", "custom"),
        ("level_number", "loud"),
        ("url", "javascript:alert(1)"),
        ("tags", &long),
        ("expires", "in"),
        ("expires_in", "soon"),
        ("data", "{ \"a\": "),
        ("action", "send"),
    ]);
    assert_eq!(answer.status, 422);
    for (field, told) in [
        ("users", "Line 2 holds a control character (U+0007)"),
        ("message", "control characters"),
        ("level_number", "an integer, such as 35"),
        ("url", "http, https or a path"),
        ("tags", "at most 64 bytes"),
        ("expires_in", "a time span such as"),
        ("data", ""),
    ] {
        assert!(answer.body.contains(&format!("<a href=\"#{field}\">")), "{field}");
        assert!(answer.body.contains(&format!("id=\"{field}-e\"")), "{field}: {}", answer.body);
        assert!(answer.body.contains(told), "{field}: {told}");
    }
    for typed in [
        "alice\ncarol\u{7}</textarea>",
        "[31m &#60;i&#62;</textarea>",
        "value=\"loud\"",
        "value=\"javascript:alert(1)\"",
        &long,
        "value=\"soon\"",
        "{ &#34;a&#34;: </textarea>",
        "value=\"custom\" checked",
        "value=\"in\" selected",
    ] {
        assert!(answer.body.contains(typed), "{typed}: {}", answer.body);
    }
    assert!(!answer.body.contains("href=\"javascript"), "no link is made of it");
    let key = answer.field("key");
    assert!(key.starts_with("admin-"), "it keeps its key: {key}");
    assert!(sandbox.json(&["sent"])["messages"].as_array().unwrap().is_empty());

    for (fields, field) in [
        (&[("to", "users"), ("message", "x")][..], "users"),
        (&[("to", "list"), ("message", "x")], "list"),
        (&[("to", "list"), ("file:a.txt", "a\n*\n"), ("message", "x")], "file"),
        (&[("to", "list"), ("file:a.txt", "a\n"), ("list", "b"), ("message", "x")], "list"),
        (&[("to", "everyone"), ("message", "")], "message"),
        (&[("to", "users"), ("users", "a"), ("message", "x"), ("level", "loud")], "level_number"),
        (
            &[
                ("to", "users"),
                ("users", "a"),
                ("message", "x"),
                ("expires", "at"),
                ("expires_at", "1999-01-01T00:00"),
            ],
            "expires_at",
        ),
    ] {
        let answer = operator.compose(fields);
        assert_eq!(answer.status, 422, "{fields:?}");
        assert!(answer.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", answer.body);
    }
    let text = "x".repeat(16_385);
    let answer = operator.compose(&[("to", "users"), ("users", "a"), ("message", &text)]);
    assert!(answer.status == 422 && answer.body.contains("at most 16 KiB"));
    assert!(answer.body.contains(&text), "too long, and still there");
}

#[test]
fn a_preview_sends_nothing_and_counts_everybody_once() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let page = operator.compose(&[
        ("to", "users"),
        ("users", "bob\nalice\nbob"),
        ("message", "Look <here>"),
        ("level", "warning"),
        ("url", "https://user@evil.example/x"),
        ("action", "preview"),
    ]);
    assert_eq!(page.status, 200);
    for shown in ["2 users", "Look &#60;here&#62;", "<bdi dir=\"ltr\"> evil.example/x</bdi>"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let list = [("to", "list"), ("file:u.txt", "a\nb\na\nc\n"), ("message", "x")];
    let page = operator.compose(&[&list[..], &[("action", "preview")]].concat());
    assert!(page.body.contains("3 users") && page.body.contains("Choose the file again"));
    assert!(sandbox.json(&["sent"])["messages"].as_array().unwrap().is_empty());
}

#[test]
fn a_form_that_is_sent_twice_sends_once() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let page = operator.get("/admin/compose");
    let (csrf, key) = (page.field("csrf"), page.field("key"));
    let submit = |text: &str, key: &str| {
        let parts = [
            ("csrf", csrf.as_str()),
            ("key", key),
            ("to", "users"),
            ("users", "alice"),
            ("message", text),
        ];
        operator.send_parts("/admin/compose", &parts, &[])
    };
    let (first, second) = (submit("hello", &key), submit("hello", &key));
    assert_eq!(sent_id(&first), sent_id(&second));
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);

    // Somebody went back and wrote something else.
    let changed = submit("hello again", &key);
    assert_eq!(changed.status, 422);
    assert!(changed.body.contains("This page was sent already"), "{}", changed.body);
    assert!(changed.body.contains("hello again</textarea>"));
    let fresh = changed.field("key");
    assert_ne!(fresh, key);
    assert_eq!(submit("hello again", &fresh).status, 303);
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 2);
}

#[test]
fn everyone_is_asked_about_again() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let fields = [
        ("to", "everyone"),
        ("newcomers", "on"),
        ("message", "\nDown <b>at</b> noon\n"),
        ("users", "ignored"),
        ("level", "warning"),
        ("action", "send"),
    ];
    let asked = operator.compose(&fields);
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("Nothing was sent yet."), "{}", asked.body);
    assert!(sandbox.json(&["sent"])["messages"].as_array().unwrap().is_empty());
    // What the page carries along is sent back as it is.
    let carried = carried(&asked.body);
    assert!(
        carried.contains(&("message".to_owned(), "\nDown <b>at</b> noon\n".to_owned())),
        "{carried:?}"
    );
    let csrf = asked.field("csrf");
    let parts = |action: &'static str| {
        let carried = carried.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let parts = std::iter::once(("csrf", csrf.as_str())).chain(carried);
        parts.chain([("action", action)]).collect::<Vec<_>>()
    };
    let back = operator.send_parts("/admin/compose", &parts("write"), &[]);
    assert!(back.status == 200 && back.body.contains("Down &#60;b&#62;at&#60;/b&#62; noon"));
    assert!(back.body.contains("id=\"newcomers\" checked"), "{}", back.body);

    let sent = operator.send_parts("/admin/compose", &parts("everyone"), &[]);
    let again = operator.send_parts("/admin/compose", &parts("everyone"), &[]);
    assert_eq!(sent_id(&sent), sent_id(&again));
    let item = &sandbox.json(&["inbox", "anybody"])["items"][0];
    assert_eq!((&item["everyone"], &item["level_tag"]), (&true.into(), &"warning".into()));
    // What asks again must not be gone round: another audience is another question.
    let list = [("to", "users"), ("users", "alice"), ("message", "x"), ("action", "everyone")];
    sent_id(&operator.compose(&list));
    assert_eq!(sandbox.json(&["inbox", "anybody"])["unread"], 1);
}

/// The fields that a page carries along, as a browser reads them.
fn carried(page: &str) -> Vec<(String, String)> {
    let areas = page.split("<textarea hidden name=\"").skip(1);
    areas
        .map(|area| {
            let (name, rest) = area.split_once('"').unwrap();
            let (_, value) = rest.split_once(">\n").unwrap();
            let value = value.split_once("</textarea>").unwrap().0;
            let plain =
                [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
            let value = plain
                .iter()
                .fold(value.to_owned(), |text, (code, plain)| text.replace(code, plain));
            (name.to_owned(), value)
        })
        .collect()
}

#[test]
fn a_long_list_is_taken_whole_and_its_page_says_how_far_it_is() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let list = (0..20_000).fold("\u{feff}".to_owned(), |mut list, number| {
        let _ = write!(list, "user-{number:05}\r\n");
        list
    });
    let twice = format!("{list}user-00007\r\n");
    let sent =
        operator.compose(&[("to", "list"), ("message", "To many"), ("file:users.txt", &twice)]);
    let id = sent_id(&sent);
    let receipts = || -> Value {
        serde_json::from_str(&operator.page(&format!("/admin/sent/{id}/progress"))).unwrap()
    };
    let (began, mut seen) = (Instant::now(), 0);
    loop {
        let progress = receipts();
        assert_eq!(progress["recipients"], 20_000, "{progress}");
        let delivered = progress["delivered"].as_u64().unwrap();
        assert!(delivered >= seen, "{progress}");
        seen = delivered;
        let page = operator.page(&format!("/admin/sent/{id}"));
        // The page may be a moment ahead of the figure, and never behind it.
        if progress["is_waiting"] == false {
            assert!(!page.contains("Being delivered"), "{page}");
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{progress}");
    }
    assert_eq!(seen, 20_000);
    assert_eq!(sandbox.json(&["inbox", "user-19999"])["unread"], 1);
    assert_eq!(sandbox.json(&["inbox", "user-00007"])["unread"], 1);

    // The same list pasted, as our script sends it.
    let page = operator.get("/admin/compose");
    let (csrf, key) = (page.field("csrf"), page.field("key"));
    let parts = [
        ("csrf", csrf.as_str()),
        ("key", &key),
        ("to", "list"),
        ("list", &list),
        ("message", "Pasted"),
        ("action", "send"),
    ];
    let taken = operator.send_parts("/admin/compose", &parts, &[("accept", "application/json")]);
    assert_eq!(taken.status, 201, "{taken:?}");
    let url: Value = serde_json::from_str(&taken.body).unwrap();
    assert!(url["url"].as_str().unwrap().starts_with("/admin/sent/m_"), "{url}");

    // One bad line, and nobody gets it; what was pasted is there to be mended.
    let bad = format!("{list}*\n");
    let fields = [("to", "list"), ("list", bad.as_str()), ("message", "Never")];
    let refused = operator.compose(&fields);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Line 20001 is no id"), "{}", &refused.body[..2000]);
    assert!(refused.body.contains("user-19999"), "it is all there");
}

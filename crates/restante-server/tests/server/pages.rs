use crate::sandbox::Sandbox;

const ALICE: (&str, &str) = ("x-user", "alice");

#[test]
fn hostile_texts_are_shown_and_do_nothing() {
    let sandbox = Sandbox::new();
    let hostile = r#"</p><script>alert(1)</script><img src=x onerror="alert(1)">&amp;'"#;
    sandbox.ok(&["send", "--to", "alice", "--tag", "\"><b>t", "--url", "/a?\"><i>", hostile]);
    let server = sandbox.serve_behind_proxy();
    let item = format!("/inbox/{}", sandbox.json(&["inbox", "alice"])["items"][0]["id"]);
    for path in ["/inbox", "/inbox?view=archive", "/inbox?tag=%22%3E%3Cb%3Et", &item] {
        let page = server.get(path, &[ALICE]);
        assert_eq!(page.status, 200);
        for raw in ["<script>alert", "<img", "<b>t", "<i>", "onerror=\""] {
            assert!(!page.body.contains(raw), "{raw}: {}", page.body);
        }
        assert!(page.body.contains("script"), "{}", page.body);
    }
    // Nor by the query, nor by the user's own name.
    for path in [
        "/inbox?tag=%3Cscript%3Ealert",
        "/inbox?view=%3Cscript%3Ealert",
        "/inbox?q=%22%3E%3Cscript%3Ealert",
    ] {
        let page = server.get(path, &[ALICE]);
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
    }
    let page = server.get("/inbox", &[("x-user", "<script>alert")]);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}

#[test]
fn what_a_button_did_is_said_on_the_next_page_once() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "x"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    let form = format!("csrf={}&as_of={}", page.field("csrf"), page.field("as_of"));
    let said = server.post("/inbox/read", &[ALICE], &form);
    let flash = said.cookie();
    assert!(flash.starts_with("restante_flash="), "{said:?}");
    let next = server.get("/inbox", &[ALICE, ("cookie", &flash)]);
    assert!(next.body.contains("<b>Success.</b> <span class=\"text\">Everything that"), "{next:?}");
    assert!(next.header("set-cookie").contains("Max-Age=0"), "it is taken away: {next:?}");
    assert!(!server.get("/inbox", &[ALICE]).body.contains("r-flash"));
    let nothing = server.post("/inbox/read", &[ALICE], &form).cookie();
    let next = server.get("/inbox", &[ALICE, ("cookie", &nothing)]);
    assert!(next.body.contains("Nothing was unread."), "{next:?}");
}

#[test]
fn a_page_that_brings_itself_up_to_date_leaves_what_is_to_be_said_to_the_next() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "x"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    let form = format!("csrf={}&as_of={}", page.field("csrf"), page.field("as_of"));
    let flash = server.post("/inbox/read", &[ALICE], &form).cookie();
    let refreshed = server.get("/inbox", &[ALICE, ("cookie", &flash), ("restante-refresh", "1")]);
    assert_eq!((refreshed.status, refreshed.header("set-cookie")), (200, ""));
    assert!(!refreshed.body.contains("r-flash"), "{refreshed:?}");
    let next = server.get("/inbox", &[ALICE, ("cookie", &flash)]);
    assert!(next.body.contains("is marked read"), "{next:?}");
}

#[test]
fn a_link_tells_where_it_leads() {
    let sandbox = Sandbox::new();
    let url = "https://bank.example@evil.example/pay";
    sandbox.ok(&["send", "--to", "alice", "--url", url, "Pay here"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    // Narrow screens leave paths out, and no host.
    let shown = " evil.example<span class=\"r-path\">/pay</span></bdi>";
    assert!(page.body.contains(shown), "{}", page.body);
    assert!(!page.body.contains("href=\"https:"), "the row leads to the message");
    let id = &sandbox.json(&["inbox", "alice"])["items"][0]["id"];
    let page = server.get(&format!("/inbox/{id}"), &[ALICE]);
    assert!(page.body.contains(">evil.example/pay</bdi>"), "{}", page.body);
    assert!(page.body.contains("rel=\"noopener noreferrer\""), "{}", page.body);
}

#[test]
fn an_item_has_a_page_with_everything_about_it() {
    let sandbox = Sandbox::new();
    let data = r#"{"z": "<b>", "rows": 48210.0, "list": ["a", 1], "deep": {"a": []}}"#;
    let send = ["send", "--to", "alice", "--level", "error", "--tag", "ci", "--url", "/builds/7"];
    sandbox.ok(&[&send[..], &["--data", data, "Build 7 failed\nin two places"]].concat());
    sandbox.ok(&["send", "--everyone", "--expires", "never", "For all"]);
    let server = sandbox.serve_behind_proxy();
    let list = sandbox.json(&["inbox", "alice"]);
    let page = server.get(&format!("/inbox/{}?tag=ci", list["items"][1]["id"]), &[ALICE]);
    assert_eq!(page.status, 200);
    for part in [
        "<title>Error: ci — Inbox (2) — Restante</title>",
        "Build 7 failed\nin two places</p>",
        ">/builds/7</bdi>",
        "<dd dir=\"auto\">48210.0</dd>",
        "<dd dir=\"auto\">a, 1</dd>",
        "{&#34;a&#34;: []}</dd>",
        "<span>To you</span>",
        "Unread.",
        "Leaves inbox and archive on",
        "href=\"/inbox?tag=ci\"",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("For all"), "the list beside it is the one that was named");
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 2, "looking changes nothing");
    let page = server.get(&format!("/inbox/{}", list["items"][0]["id"]), &[ALICE]);
    assert!(page.body.contains("<span>To everyone</span>"), "{}", page.body);
    assert!(page.body.contains("Stays until you dismiss it."), "{}", page.body);
    // Another user's item, and what never was one.
    let own = format!("/inbox/{}", list["items"][1]["id"]);
    for (path, user) in
        [(&own[..], "bob"), ("/inbox/4", "alice"), ("/inbox/x", "alice"), ("/inbox/%ff", "alice")]
    {
        assert_eq!(server.get(path, &[("x-user", user)]).status, 404, "{path}");
    }
}

#[test]
fn opening_a_message_by_its_form_marks_it_read() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "x"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox?view=archive&q=x", &[ALICE]);
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    let open = format!("/inbox/{id}/open");
    assert!(page.body.contains(&format!("formaction=\"{open}\"")), "{}", page.body);
    assert_eq!(server.get(&open, &[ALICE]).status, 405, "nobody opens it by looking ahead");
    assert_eq!(server.post(&open, &[ALICE], "csrf=x").status, 403);
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
    let bobs = server.get("/inbox", &[("x-user", "bob")]);
    assert!(!bobs.body.contains("name=\"csrf\""), "nothing to send");

    let form = format!("csrf={}&view=archive&q=x", page.field("csrf"));
    let opened = server.post(&open, &[ALICE], &form);
    let path = format!("/inbox/{id}?view=archive&q=x");
    assert_eq!((opened.status, opened.header("location")), (303, path.as_str()));
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 0);
    let page = server.get(&path, &[ALICE]);
    assert!(page.body.contains("Read just now."), "{}", page.body);
    assert!(page.body.contains(&format!("href=\"/inbox/{id}?view=archive&#38;q=x\"")));
    // The list beside a message leads back to it, unless it is gone.
    let form = format!("{form}&item={id}");
    let back = server.post(&format!("/inbox/{id}/unread"), &[ALICE], &form);
    assert_eq!(back.header("location"), path);
    let back = server.post(&format!("/inbox/{id}/dismiss"), &[ALICE], &form);
    assert_eq!(back.header("location"), "/inbox?view=archive&q=x");
}

#[test]
fn unread_dismissed_and_filtered_items_are_where_they_belong() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "--level", "error", "--tag", "ci", "broken"]);
    sandbox.ok(&["send", "--to", "alice", "--level", "35", "of our own"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox?level=error", &[ALICE]);
    assert!(page.body.contains(">broken<") && !page.body.contains(">of our own<"), "{page:?}");
    let page = server.get("/inbox?tag=none", &[ALICE]);
    assert!(page.body.contains("Nothing matches"), "{}", page.body);

    let form = format!("csrf={}", server.get("/inbox", &[ALICE]).field("csrf"));
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    let act = |what: &str| server.post(&format!("/inbox/{id}/{what}"), &[ALICE], &form).status;
    assert_eq!(act("read"), 303);
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
    assert_eq!(act("unread"), 303);
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 2);
    assert_eq!(act("dismiss"), 303);
    let archive = sandbox.json(&["inbox", "alice", "--archive"]);
    assert_eq!(archive["items"].as_array().unwrap().len(), 1);
    assert_eq!(act("dismiss"), 404);
}

#[test]
fn a_search_combines_with_level_tag_and_view_and_goes_along() {
    let sandbox = Sandbox::new();
    let send = |level: &str, tag: &str, text: &str| {
        sandbox.ok(&["send", "--to", "alice", "--level", level, "--tag", tag, text]);
    };
    send("error", "ci", "Build 7 failed");
    send("error", "ops", "Build host is full");
    send("info", "ci", "Build 8 is green");
    send("info", "ci", "Größe geändert");
    let server = sandbox.serve_behind_proxy();
    let found = |query: &str| {
        let page = server.get(&format!("/inbox?{query}"), &[ALICE]);
        assert_eq!(page.status, 200, "{query}");
        page.body.matches("<li class=\"r-row\"").count()
    };
    assert_eq!(found("q=build"), 3);
    assert_eq!(found("q=BUILD&level=error"), 2);
    assert_eq!(found("q=build&level=error&tag=ci"), 1);
    assert_eq!(found("q=gr%C3%B6%C3%9Fe&view=archive"), 1);
    assert_eq!(found("q=build&tag=none"), 0);
    assert_eq!(server.get("/inbox?q=%00", &[ALICE]).status, 422);
    assert_eq!(server.get(&format!("/inbox?q={}", "x".repeat(256)), &[ALICE]).status, 422);

    let page = server.get("/inbox?q=build&level=error", &[ALICE]);
    assert_eq!(page.field("q"), "build", "forms lead back to the same search");
    for way in [
        "href=\"/inbox?view=archive&#38;level=error&#38;q=build\"",
        "href=\"/inbox?level=error&#38;tag=ci&#38;q=build\"",
        "href=\"/inbox?level=error\">Clear",
    ] {
        assert!(page.body.contains(way), "{way}: {}", page.body);
    }
    let form = format!("csrf={}&q=build&level=error", page.field("csrf"));
    let back = server.post("/inbox/ticked/read", &[ALICE], &form);
    assert_eq!((back.status, back.header("location")), (303, "/inbox?level=error&q=build"));
}

#[test]
fn several_are_ticked_and_marked_at_once() {
    let sandbox = Sandbox::new();
    for text in ["one", "two", "three"] {
        sandbox.ok(&["send", "--to", "alice", text]);
    }
    sandbox.ok(&["send", "--to", "bob", "his"]);
    let server = sandbox.serve_behind_proxy();
    let ids = |user: &str| -> Vec<String> {
        let list = sandbox.json(&["inbox", user, "--archive"]);
        list["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()).collect()
    };
    let (alices, bobs) = (ids("alice"), ids("bob"));
    let unread = |user: &str| sandbox.json(&["inbox", user])["unread"].as_u64().unwrap();
    let token = server.get("/inbox", &[ALICE]).field("csrf");
    let post = |what: &str, ids: &[&String]| {
        let mut form = format!("csrf={token}&view=archive");
        for id in ids {
            form.push_str("&ids=");
            form.push_str(id);
        }
        let answer = server.post(&format!("/inbox/ticked/{what}"), &[ALICE], &form);
        assert_eq!((answer.status, answer.header("location")), (303, "/inbox?view=archive"));
        server.get("/inbox", &[ALICE, ("cookie", &answer.cookie())]).body
    };
    // One twice, another's, and one that never was: those that can be are marked.
    let nobodys = "4".to_owned();
    let said = post("read", &[&alices[0], &alices[1], &alices[0], &bobs[0], &nobodys]);
    assert!(said.contains("2 messages marked read."), "{said}");
    assert_eq!((unread("alice"), unread("bob")), (1, 1));
    let said = post("unread", &[&alices[1], &alices[2]]);
    assert!(said.contains("1 message marked unread."), "{said}");
    assert_eq!(unread("alice"), 2);
    let said = post("dismiss", &[&alices[0], &alices[2], &bobs[0]]);
    assert!(said.contains("2 messages dismissed."), "{said}");
    assert_eq!((ids("alice").len(), ids("bob").len()), (1, 1));
    assert!(post("dismiss", &[&alices[0]]).contains("Nothing had to be changed."));
    // Without a tick nothing is meant, least of all everything.
    assert!(post("read", &[]).contains("No message was ticked."));
    assert_eq!(unread("alice"), 1);
}

#[test]
fn ticks_that_no_page_of_ours_made_change_nothing() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "x"]);
    let server = sandbox.serve_behind_proxy();
    let token = server.get("/inbox", &[ALICE]).field("csrf");
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    for what in ["read", "unread", "dismiss"] {
        let path = format!("/inbox/ticked/{what}");
        let post = |headers: &[(&str, &str)], form: &str| server.post(&path, headers, form).status;
        assert_eq!(post(&[ALICE], &format!("ids={id}")), 403, "{what}: no token");
        let form = format!("csrf={token}&ids={id}");
        assert_eq!(post(&[("x-user", "bob")], &form), 403, "{what}: another's token");
        assert_eq!(post(&[ALICE, ("sec-fetch-site", "cross-site")], &form), 403, "{what}");
        assert_eq!(post(&[], &form), 401, "{what}: nobody");
        for bad in ["x", "", "1.5", "99999999999999999999"] {
            let form = format!("csrf={token}&ids={id}&ids={bad}");
            assert_eq!(post(&[ALICE], &form), 422, "{what} {bad}");
        }
        let many = format!("csrf={token}{}", format!("&ids={id}").repeat(101));
        assert_eq!(post(&[ALICE], &many), 422, "{what}: more than a page");
        assert_eq!(server.get(&path, &[ALICE]).status, 405, "{what}");
    }
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
}

#[test]
fn older_and_newest_lead_through_the_archive() {
    let sandbox = Sandbox::new();
    for number in 1..=21 {
        sandbox.ok(&["send", "--to", "alice", &format!("number {number} of 21")]);
    }
    let server = sandbox.serve_behind_proxy();
    let first = server.get("/inbox?view=archive", &[ALICE]);
    assert!(!first.body.contains("number 1 of 21") && !first.body.contains(">Newest<"));
    let start = first.body.find("/inbox?view=archive&#38;after=").unwrap();
    let older = first.body[start..].split_once('"').unwrap().0.replace("&#38;", "&");
    let second = server.get(&older, &[ALICE]);
    assert!(second.body.contains("number 1 of 21"), "{}", second.body);
    assert!(second.body.contains(">Newest<") && !second.body.contains(">Older<"));
}

#[test]
fn every_answer_carries_the_headers_that_protect_it() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve_behind_proxy();
    for (path, status) in [
        ("/", 303),
        ("/inbox", 200),
        ("/inbox?view=x", 422),
        ("/inbox?after=x", 422),
        ("/inbox/x", 404),
        ("/inbox?level=x", 422),
        ("/inbox?view=unread&view=archive", 400),
        ("/inbox/read", 405),
        ("/nowhere", 404),
        ("/login?ticket=x", 401),
        ("/static/nothing.css", 404),
        ("/static/restante.css", 200),
        ("/static/inbox.js", 200),
    ] {
        let answer = server.get(path, &[ALICE]);
        assert_eq!(answer.status, status, "{path}");
        let policy = answer.header("content-security-policy");
        for rule in [
            "default-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        if answer.status != 200 || !path.starts_with("/static/") {
            assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        }
    }
    assert_eq!(server.get("/", &[]).header("location"), "/inbox");
}

#[test]
fn styles_and_scripts_are_kept_for_as_long_as_they_are_the_same() {
    let sandbox = Sandbox::new();
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    let start = page.body.find("/static/restante.css?v=").unwrap();
    let path = page.body[start..].split_once('"').unwrap().0;
    let styles = server.get(path, &[]);
    assert_eq!(styles.header("cache-control"), "public, max-age=31536000, immutable");
    let etag = styles.header("etag");
    let known = server.get("/static/restante.css", &[("if-none-match", etag)]);
    assert_eq!((known.status, known.header("cache-control")), (304, "no-cache"));
    assert_eq!(server.get("/static/restante.css?v=old", &[]).header("cache-control"), "no-cache");
    // A script names those that it needs without a version: they are asked for again each time.
    let script = server.get("/static/inbox-page.js", &[]);
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("cache-control"), "no-cache");
}

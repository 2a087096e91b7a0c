use crate::sandbox::Sandbox;

const ALICE: (&str, &str) = ("x-user", "alice");

#[test]
fn hostile_texts_are_shown_and_do_nothing() {
    let sandbox = Sandbox::new();
    let hostile = r#"</p><script>alert(1)</script><img src=x onerror="alert(1)">&amp;'"#;
    sandbox.ok(&["send", "--to", "alice", "--tag", "\"><b>t", "--url", "/a?\"><i>", hostile]);
    let server = sandbox.serve_behind_proxy();
    for path in ["/inbox", "/inbox?view=archive", "/inbox?tag=%22%3E%3Cb%3Et"] {
        let page = server.get(path, &[ALICE]);
        assert_eq!(page.status, 200);
        for raw in ["<script>alert", "<img", "<b>t", "<i>", "onerror=\""] {
            assert!(!page.body.contains(raw), "{raw}: {}", page.body);
        }
        assert!(page.body.contains("script"), "{}", page.body);
    }
    // Nor by the query, nor by the user's own name.
    for path in ["/inbox?tag=%3Cscript%3Ealert", "/inbox?view=%3Cscript%3Ealert"] {
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
    assert!(next.body.contains("<b>Success.</b> Everything that this page showed"), "{next:?}");
    assert!(next.header("set-cookie").contains("Max-Age=0"), "it is taken away: {next:?}");
    assert!(!server.get("/inbox", &[ALICE]).body.contains("r-flash"));
    let nothing = server.post("/inbox/read", &[ALICE], &form).cookie();
    let next = server.get("/inbox", &[ALICE, ("cookie", &nothing)]);
    assert!(next.body.contains("Nothing was unread."), "{next:?}");
}

#[test]
fn a_link_tells_where_it_leads() {
    let sandbox = Sandbox::new();
    let url = "https://bank.example@evil.example/pay";
    sandbox.ok(&["send", "--to", "alice", "--url", url, "Pay here"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox", &[ALICE]);
    assert!(page.body.contains(" evil.example/pay</bdi>"), "{}", page.body);
    assert!(page.body.contains("rel=\"noopener noreferrer\""), "{}", page.body);
}

#[test]
fn unread_dismissed_and_filtered_items_are_where_they_belong() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["send", "--to", "alice", "--level", "error", "--tag", "ci", "broken"]);
    sandbox.ok(&["send", "--to", "alice", "--level", "35", "custom"]);
    let server = sandbox.serve_behind_proxy();
    let page = server.get("/inbox?level=error", &[ALICE]);
    assert!(page.body.contains("broken") && !page.body.contains("custom</p>"), "{}", page.body);
    let page = server.get("/inbox?tag=none", &[ALICE]);
    assert!(page.body.contains("Nothing matches"), "{}", page.body);

    let form = format!("csrf={}", server.get("/inbox", &[ALICE]).field("csrf"));
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    let act = |what: &str| server.post(&format!("/inbox/{id}/{what}"), &[ALICE], &form).status;
    assert_eq!(act("read"), 303);
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1);
    assert_eq!(act("unread"), 303);
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 2);
    // Marked unread, it has moved up: to its new id.
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    assert_eq!(server.post(&format!("/inbox/{id}/dismiss"), &[ALICE], &form).status, 303);
    assert_eq!(
        sandbox.json(&["inbox", "alice", "--archive"])["items"].as_array().unwrap().len(),
        1
    );
    assert_eq!(server.post(&format!("/inbox/{id}/dismiss"), &[ALICE], &form).status, 404);
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
        ("/inbox?level=x", 422),
        ("/inbox?view=unread&view=archive", 400),
        ("/inbox/read", 405),
        ("/nowhere", 404),
        ("/login?ticket=x", 401),
        ("/static/nothing.css", 404),
        ("/static/restante.css", 200),
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
        if !path.starts_with("/static/r") {
            assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        }
    }
    assert_eq!(server.get("/", &[]).header("location"), "/inbox");
}

#[test]
fn styles_are_kept_for_as_long_as_they_are_the_same() {
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
}

use serde_json::{Value, json};

use crate::api_calls::Caller;
use crate::sandbox::{Sandbox, Server};

fn set_up() -> (Sandbox, Server, Caller) {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&["--user-header", "X-User"]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    (sandbox, server, admin)
}

#[test]
fn another_users_item_is_as_one_that_never_was() {
    let (_sandbox, _server, admin) = set_up();
    let (alice, bob) = (admin.user("alice"), admin.user("bob"));
    admin.send("alice", "for alice alone");
    let id = alice.newest();
    for (method, rest) in [("GET", ""), ("DELETE", ""), ("POST", "/read"), ("POST", "/unread")] {
        let path = format!("/v1/inbox/{id}{rest}");
        let answer = bob.call(method, &path, &[], None);
        answer.is_problem(404, "not-found", None);
        let nowhere = bob.call(method, &format!("/v1/inbox/4{rest}"), &[], None);
        assert_eq!(answer.body.replace(&id, "4"), nowhere.body);
    }
    let ids: Value = serde_json::from_str(&format!("[{id}]")).unwrap();
    assert_eq!(bob.post("/v1/inbox/read", &json!({ "ids": ids })).json()["changed"], false);
    assert_eq!(alice.unread(), 1);
}

#[test]
fn reading_unreading_and_dismissing_say_what_they_changed() {
    let (_sandbox, _server, admin) = set_up();
    let alice = admin.user("alice");
    admin.send("alice", "one");
    admin.send("alice", "two");
    let id = alice.newest();
    let read = |what: &str| alice.poke(&format!("/v1/inbox/{id}/{what}")).json();
    assert_eq!(read("read"), json!({ "changed": true, "unread": 1 }));
    assert_eq!(read("read"), json!({ "changed": false, "unread": 1 }));
    assert_eq!(read("unread"), json!({ "changed": true, "unread": 2 }));
    let id = alice.newest();
    assert_eq!(alice.delete(&format!("/v1/inbox/{id}")).status, 204);
    alice.delete(&format!("/v1/inbox/{id}")).is_problem(404, "not-found", None);

    let shown = alice.get("/v1/inbox").json();
    admin.send("alice", "after the page");
    let marked = alice.post("/v1/inbox/read", &json!({ "as_of": shown["as_of"] })).json();
    assert_eq!(marked, json!({ "changed": true, "unread": 1 }), "what no page showed stays");
    assert_eq!(alice.poke("/v1/mark_all_read").json()["unread"], 0);
}

#[test]
fn what_is_known_already_is_not_sent_again() {
    let (_sandbox, _server, admin) = set_up();
    let alice = admin.user("alice");
    admin.send("alice", "x");
    for path in [
        "/v1/inbox".to_owned(),
        "/v1/inbox/count".to_owned(),
        format!("/v1/inbox/{}", alice.newest()),
    ] {
        let first = alice.get(&path);
        let tag = first.header("etag");
        let again = alice.call("GET", &path, &[("if-none-match", tag)], None);
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", tag));
        assert_eq!(first.header("cache-control"), "private, no-cache");
        let other = alice.call("GET", &path, &[("if-none-match", "\"x\"")], None);
        assert_eq!(other.status, 200);
    }
    let tag = alice.get("/v1/inbox").header("etag").to_owned();
    admin.send("alice", "y");
    assert_eq!(alice.call("GET", "/v1/inbox", &[("if-none-match", &tag)], None).status, 200);
    assert_eq!(admin.get("/v1/messages").header("cache-control"), "no-store");
}

#[test]
fn a_trailing_slash_is_the_same_path() {
    let (_sandbox, _server, admin) = set_up();
    let alice = admin.user("alice");
    let sent = admin.post("/v1/messages/", &json!({ "to": ["alice"], "message": "x" }));
    assert_eq!(sent.status, 201);
    let path = format!("{}/", sent.header("location"));
    let of_admin = ["/v1/messages/", &path, "/v1/keys/", "/v1/users/alice/export/"];
    assert!(of_admin.iter().all(|path| admin.get(path).status == 200));
    let item = format!("/v1/inbox/{}/", alice.newest());
    let of_alice = ["/v1/inbox/", "/v1/inbox/count/", &item];
    assert!(of_alice.iter().all(|path| alice.get(path).status == 200));
    assert_eq!(alice.poke(&format!("{item}read/")).status, 200);
    assert_eq!(alice.poke("/v1/mark_all_read/").status, 200);
    assert_eq!(admin.poke("/v1/users/alice/tickets/").status, 201);
}

#[test]
fn pages_follow_each_other_by_the_header_link() {
    let (_sandbox, _server, admin) = set_up();
    let alice = admin.user("alice");
    for number in 0..5 {
        admin.send("alice", &format!("number {number}"));
    }
    let mut path = "/v1/inbox?limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = alice.get(&path);
        for item in page.json()["items"].as_array().unwrap() {
            seen.push(item["message"].as_str().unwrap().to_owned());
        }
        let link = page.header("link");
        let Some(next) = link.strip_prefix('<').and_then(|link| link.split_once('>')) else {
            assert!(page.json()["next"].is_null());
            break;
        };
        assert_eq!(next.1, "; rel=\"next\"");
        next.0.clone_into(&mut path);
    }
    assert_eq!(seen, ["number 4", "number 3", "number 2", "number 1", "number 0"]);
}

#[test]
fn pages_of_other_sites_change_nothing_with_what_a_browser_sends_by_itself() {
    let (_sandbox, server, admin) = set_up();
    admin.send("alice", "x");
    let nobody = Caller::nobody(&server);
    let ticket = admin.poke("/v1/users/alice/tickets").json();
    let path = ticket["url"].as_str().unwrap().strip_prefix(server.url()).unwrap().to_owned();
    let cookie = nobody.get(&path).cookie();
    for who in [("cookie", cookie.as_str()), ("x-user", "alice")] {
        assert_eq!(nobody.call("GET", "/v1/inbox", &[who], None).status, 200);
        let own = format!("http://{}", server.host());
        for other in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let headers = [who, other];
            let answer = nobody.call("POST", "/v1/mark_all_read", &headers, None);
            answer.is_problem(403, "cross-site", None);
        }
        for good in [("sec-fetch-site", "same-origin"), ("origin", own.as_str())] {
            let answer = nobody.call("POST", "/v1/mark_all_read", &[who, good], None);
            assert_eq!(answer.status, 200, "{good:?}");
        }
        // Whoever shows a token was not sent by another site's page.
        let alice = admin.user("alice");
        let headers = [who, ("sec-fetch-site", "cross-site")];
        assert_eq!(alice.call("POST", "/v1/mark_all_read", &headers, None).status, 200);
    }
}

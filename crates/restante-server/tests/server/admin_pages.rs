//! What the admin pages show and do, but for sending.

use restante::{Filter, Restante, SqliteStore};

use crate::operator::{Operator, encoded, sent_id};
use crate::sandbox::Sandbox;

const ODD: &str = "a/b?c#d <script>&\"'..";

#[test]
fn the_overview_counts_what_was_done_and_says_how_the_server_is() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    sandbox.ok(&["send", "--to", "alice", "one"]);
    sandbox.ok(&["send", "--to", "alice", "two <b>"]);
    let id = sandbox.json(&["inbox", "alice"])["items"][0]["id"].to_string();
    sandbox.ok(&["read", "alice", &id]);
    let server = sandbox.serve(&[]);
    let page = Operator::nobody(&server).sign_in(&key).page("/admin");
    let figure = |name: &str| {
        let (_, rest) = page.split_once(&format!("<dt>{name}</dt><dd>")).unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!((figure("Sent today"), figure("Read today")), ("2".to_owned(), "1".to_owned()));
    assert_eq!(figure("Outbox"), "0");
    assert!(figure("Open connections").parse::<u32>().unwrap() >= 1);
    for part in ["SQLite store", "ready, answers in", "all delivered", env!("CARGO_PKG_VERSION")] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page.matches("<rect class=\"sent\" x=").count(), 14, "two weeks");
    assert!(page.contains("two &#60;b&#62;") && page.contains("Show as a table"));
}

#[test]
fn what_was_sent_is_listed_by_sender_and_page_by_page() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let by_key = operator.compose(&[("to", "users"), ("users", "alice"), ("message", "by key")]);
    sent_id(&by_key);
    for number in 1..=21 {
        sandbox.ok(&["send", "--to", "alice", &format!("number {number} of 21")]);
    }
    let first = operator.page("/admin/sent");
    assert!(first.contains("number 21 of 21") && !first.contains("number 1 of 21"));
    assert!(!first.contains(">Newest<"), "{first}");
    let (_, older) = first.split_once("rel=\"next\" href=\"").unwrap();
    let older = older.split_once('"').unwrap().0.replace("&amp;", "&");
    let second = operator.page(&older);
    assert!(second.contains("number 1 of 21") && second.contains("by key"), "{second}");
    assert!(second.contains(">Newest<") && !second.contains("rel=\"next\""));
    let id = sandbox.json(&["key", "list"])["keys"][0]["id"].as_str().unwrap().to_owned();
    let own = operator.page(&format!("/admin/sent?sender={id}"));
    assert!(own.contains("by key") && !own.contains("of 21"), "{own}");
    assert!(own.contains(&format!("value=\"{id}\" selected")), "{own}");
    assert!(operator.page("/admin/sent?sender=app").contains("number 21 of 21"));
    let none = operator.page(&format!("/admin/sent?sender={}", encoded(ODD)));
    assert!(none.contains("Nothing here.") && !none.contains("<script>"), "{none}");
}

#[tokio::test]
async fn one_message_tells_who_read_it_and_is_taken_back() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let sent = sandbox.json(&[
        "send",
        "--to",
        "alice",
        "--to",
        "bob",
        "--data",
        "{\"a\":\"<i>\"}",
        "text",
    ]);
    let id = sent["id"].as_str().unwrap();
    let item = sandbox.json(&["inbox", "bob"])["items"][0]["id"].to_string();
    sandbox.ok(&["read", "bob", &item]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let page = operator.page(&format!("/admin/sent/{id}"));
    for part in [
        "id=\"delivered\">2<",
        "id=\"read\">1</span>",
        "(50 %)",
        "{&#34;a&#34;:&#34;&#60;i&#62;&#34;}",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let asked = operator.page(&format!("/admin/sent/{id}/retract"));
    assert!(asked.contains("inbox and archive of 2 users"), "{asked}");
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 1, "to ask changes nothing");
    let answer = operator.submit(&format!("/admin/sent/{id}/retract"), &[]);
    assert_eq!(answer.header("location"), format!("/admin/sent/{id}"));
    assert_eq!(sandbox.json(&["inbox", "alice"])["unread"], 0);
    let page = operator.page(&format!("/admin/sent/{id}"));
    assert!(page.contains("<dt>Retracted</dt>") && !page.contains("/retract\""), "{page}");
    assert_eq!(operator.submit(&format!("/admin/sent/{id}/retract"), &[]).status, 303);
}

#[test]
fn a_user_is_shown_as_that_user_sees_it_and_nothing_is_marked() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    sandbox.ok(&["send", "--to", ODD, "--url", "https://a@evil.example/", "for <you>"]);
    sandbox.ok(&["send", "--to", ODD, "read already"]);
    let id = sandbox.json(&["inbox", ODD])["items"][0]["id"].to_string();
    sandbox.ok(&["read", ODD, &id]);
    sandbox.ok(&["send", "--to", "bob", "for bob"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let path = format!("/admin/users?id={}", encoded(ODD));
    let page = operator.page(&path);
    assert!(page.contains("for &#60;you&#62;") && page.contains("<dd>1</dd>"), "{page}");
    assert!(page.contains("> evil.example</bdi>") && !page.contains("read already"), "{page}");
    assert!(!page.contains("for bob") && !page.contains("<script>&"), "{page}");
    // The links of the page lead to the same user, whatever the id.
    let (_, rest) = page.split_once("Unread&nbsp;").unwrap();
    let (_, all) = rest.split_once("href=\"").unwrap();
    let all = operator.page(&all.split_once('"').unwrap().0.replace("&amp;", "&"));
    assert!(all.contains("read already") && all.contains("for &#60;you&#62;"), "{all}");
    assert_eq!(sandbox.json(&["inbox", ODD])["unread"], 1, "to look marks nothing");
    let (_, compose) = page.split_once("href=\"/admin/compose?to=").unwrap();
    let compose =
        operator.page(&format!("/admin/compose?to={}", compose.split_once('"').unwrap().0));
    assert!(compose.contains("a/b?c#d &#60;script&#62;&#38;&#34;&#39;..</textarea>"), "{compose}");
}

#[tokio::test]
async fn a_user_is_exported_signed_out_and_forgotten_when_asked_again() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    sandbox.ok(&["send", "--to", ODD, "for you"]);
    let token = sandbox.ok(&["token", ODD]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    let bearer = format!("Bearer {}", token.trim());
    let inbox = || server.get("/v1/inbox", &[("authorization", &bearer)]).status;
    assert_eq!(inbox(), 200);
    for action in ["export", "end-tokens", "forget"] {
        let asked = operator.page(&format!("/admin/users/ask?do={action}&id={}", encoded(ODD)));
        assert!(asked.contains(&format!("action=\"/admin/users/{action}\"")), "{asked}");
        assert!(asked.contains("&#60;script&#62;") && !asked.contains("<script>&"), "{asked}");
    }
    assert_eq!((inbox(), sandbox.json(&["inbox", ODD])["unread"].as_u64()), (200, Some(1)));

    let export = operator.submit("/admin/users/export", &[("id", ODD)]);
    assert_eq!(export.header("content-type"), "application/json");
    assert!(export.header("content-disposition").starts_with("attachment"), "{export:?}");
    let export: serde_json::Value = serde_json::from_str(&export.body).unwrap();
    assert_eq!((&export["user"], &export["items"][0]["message"]), (&ODD.into(), &"for you".into()));

    let ended = operator.submit("/admin/users/end-tokens", &[("id", ODD)]);
    let back = format!("/admin/users?id={}&view=archive", encoded(ODD));
    assert_eq!((ended.status, ended.header("location")), (303, back.as_str()));
    assert_eq!(inbox(), 401);

    assert_eq!(operator.submit("/admin/users/forget", &[("id", ODD)]).status, 303);
    let store = SqliteStore::open(sandbox.path("restante.db")).await.unwrap();
    let user = Restante::new(store).without_background().inbox(ODD).unwrap();
    assert!(user.list(Filter::archive()).await.unwrap().items.is_empty());
    assert_eq!(operator.submit("/admin/users/forget", &[("id", "*")]).status, 422);
}

#[test]
fn a_key_is_shown_once_and_made_once() {
    let sandbox = Sandbox::new();
    let admin = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&admin);
    let once = operator.get("/admin/keys").field("once");
    let fields = [
        ("name", "release <bot>"),
        ("scope", "send"),
        ("scope", "tokens"),
        ("once", once.as_str()),
    ];
    let made = operator.submit("/admin/keys", &fields);
    assert_eq!(made.status, 201, "{made:?}");
    let (_, key) = made.body.split_once("id=\"secret\" tabindex=\"0\">").unwrap();
    let key = key.split_once('<').unwrap().0.to_owned();
    assert!(key.starts_with("restante_") && made.body.contains("release &#60;bot&#62;"));
    let bearer = format!("Bearer {key}");
    assert_eq!(server.get("/v1/messages", &[("authorization", &bearer)]).status, 200);
    assert_eq!(server.get("/v1/keys", &[("authorization", &bearer)]).status, 403);
    assert!(!operator.page("/admin/keys").contains(&key), "and never again");

    let again = operator.submit("/admin/keys", &fields);
    assert!(again.status == 409 && again.body.contains("made its key already"), "{again:?}");
    assert_eq!(sandbox.json(&["key", "list"])["keys"].as_array().unwrap().len(), 2);

    let bad = operator.submit("/admin/keys", &[("name", " "), ("once", "2")]);
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("id=\"name-e\"") && bad.body.contains("id=\"scopes-e\""), "{bad:?}");
    let bad =
        operator.submit("/admin/keys", &[("name", "kept\u{7}"), ("scope", "admin"), ("once", "3")]);
    assert!(bad.status == 422 && bad.body.contains("value=\"kept\u{7}\""), "{bad:?}");
    assert!(bad.body.contains("value=\"admin\" checked"), "{bad:?}");
    // The form that was refused makes its key when it is mended.
    assert_eq!(bad.field("once"), "3");
    let mended =
        operator.submit("/admin/keys", &[("name", "kept"), ("scope", "admin"), ("once", "3")]);
    assert_eq!(mended.status, 201);

    let listed = sandbox.json(&["key", "list"]);
    let id = listed["keys"][1]["id"].as_str().unwrap();
    let asked = operator.page(&format!("/admin/keys/{id}/revoke"));
    assert!(asked.contains("release &#60;bot&#62;"), "{asked}");
    assert_eq!(server.get("/v1/messages", &[("authorization", &bearer)]).status, 200);
    assert_eq!(operator.submit(&format!("/admin/keys/{id}/revoke"), &[]).status, 303);
    assert_eq!(server.get("/v1/messages", &[("authorization", &bearer)]).status, 401);
    assert!(operator.page("/admin/keys").contains("Revoked <time"));
}

#[test]
fn every_answer_carries_the_headers_that_protect_it() {
    let sandbox = Sandbox::new();
    let key = sandbox.key(&["admin"]);
    let server = sandbox.serve(&[]);
    let operator = Operator::nobody(&server).sign_in(&key);
    for (path, status) in [
        ("/admin", 200),
        ("/admin/", 303),
        ("/admin/signin", 303),
        ("/admin/signout", 405),
        ("/admin/users/forget", 405),
        ("/admin/nowhere", 404),
        ("/admin/sent/m_4", 404),
        ("/admin/sent/x", 404),
        ("/admin/sent/%FF", 400),
        ("/admin/sent?after=x", 422),
        ("/admin/users?id=*", 422),
        ("/admin/users?id=a&after=x", 422),
        ("/admin/users?id=a&id=b", 400),
        ("/admin/users/ask?id=a&do=x", 404),
        ("/admin/users/ask?id=*&do=forget", 422),
        ("/admin/keys/k_none/revoke", 404),
    ] {
        let answer = operator.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let policy = answer.header("content-security-policy");
        for rule in ["default-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        for inline in ["<style", " style=", "<script>", " onclick=", "javascript:"] {
            assert!(!answer.body.contains(inline), "{path}: {inline}");
        }
    }
    let long = format!("csrf={}&id={}", operator.csrf(), "0".repeat(70_000));
    assert_eq!(operator.post("/admin/users/forget", &long, &[]).status, 413);
}

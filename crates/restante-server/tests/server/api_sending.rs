use serde_json::{Value, json};

use crate::api_calls::Caller;
use crate::sandbox::{Sandbox, Server};

fn set_up() -> (Sandbox, Server, Caller) {
    let sandbox = Sandbox::new();
    let server = sandbox.serve(&[]);
    let admin = Caller::nobody(&server).with(&sandbox.key(&["admin"]));
    (sandbox, server, admin)
}

#[test]
fn a_message_reaches_one_several_or_everyone() {
    let (_sandbox, _server, admin) = set_up();
    let (alice, bob) = (admin.user("alice"), admin.user("bob"));
    let sent = admin.post(
        "/v1/messages",
        &json!({ "to": "alice", "message": "Export ready", "level": "success", "tags": ["ci", "x"],
            "url": "/exports/7", "data": { "rows": [1, 2] }, "expires": "7d" }),
    );
    assert_eq!((sent.status, &sent.json()["recipients"]), (201, &json!(1)));
    let item = &alice.get("/v1/inbox").json()["items"][0];
    for (field, value) in [
        ("message", json!("Export ready")),
        ("level", json!(25)),
        ("level_tag", json!("success")),
        ("tags", json!("ci x success")),
        ("extra_tags", json!("ci x")),
        ("url", json!("/exports/7")),
        ("data", json!({ "rows": [1, 2] })),
        ("unread", json!(true)),
        ("everyone", json!(false)),
    ] {
        assert_eq!(item[field], value, "{field}");
    }
    let several = json!({ "to": ["bob", "alice", "bob"], "message": "both" });
    assert_eq!(admin.post("/v1/messages", &several).json()["recipients"], 2);
    let all = json!({ "everyone": true, "newcomers": true, "message": "all" });
    assert_eq!(admin.post("/v1/messages", &all).json()["recipients"], 0);
    assert_eq!((alice.unread(), bob.unread()), (3, 2));
}

#[test]
fn a_sent_message_is_where_location_says_until_it_is_retracted() {
    let (sandbox, server, admin) = set_up();
    let shop = Caller::nobody(&server).with(&sandbox.key(&["send"]));
    let sent = shop.post("/v1/messages", &json!({ "to": ["alice", "bob"], "message": "Ahoy" }));
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    let path = sent.header("location").to_owned();
    assert_eq!(path, format!("/v1/messages/{id}"));
    let alice = admin.user("alice");
    alice.poke(&format!("/v1/inbox/{}/read", alice.newest()));
    let receipts = shop.get(&path).json();
    assert_eq!((&receipts["delivered"], &receipts["read"]), (&json!(2), &json!(1)));

    let other = Caller::nobody(&server).with(&sandbox.key(&["send"]));
    other.get(&path).is_problem(404, "not-found", None);
    other.delete(&path).is_problem(404, "not-found", None);
    assert_eq!(other.get("/v1/messages").json()["messages"], json!([]));
    assert_eq!(admin.user("bob").unread(), 1, "another key retracts nothing");
    let sender = receipts["sender"].as_str().unwrap();
    let page = admin.get(&format!("/v1/messages?sender={sender}")).json();
    assert_eq!(page["messages"][0]["id"], json!(id), "admin sees everybody's");
    assert_eq!(admin.get("/v1/messages?sender=k_none").json()["messages"], json!([]));

    assert_eq!(shop.delete(&path).status, 204);
    assert_eq!(admin.user("bob").unread(), 0);
    assert!(shop.get(&path).json()["retracted_at"].is_string());
    shop.delete(&path).is_problem(404, "not-found", None);
}

#[test]
fn sent_messages_are_listed_page_by_page() {
    let (_sandbox, _server, admin) = set_up();
    let mut ids: Vec<_> = (0..5).map(|n| admin.send("alice", &format!("number {n}"))).collect();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/v1/messages?limit=2&after={after}")).json();
        for message in page["messages"].as_array().unwrap() {
            seen.push(message["id"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    ids.reverse();
    assert_eq!(seen, ids);
}

#[test]
fn a_long_list_is_taken_in_pieces_and_delivered_whole() {
    let (_sandbox, _server, admin) = set_up();
    let users: Vec<_> = (0..100_000).map(|number| format!("user-{number:06}")).collect();
    let body = json!({ "to": users, "message": "to many", "key": "once" }).to_string();
    let sent = admin.post_chunked("/v1/messages", body.as_bytes());
    assert_eq!((sent.status, &sent.json()["recipients"]), (202, &json!(100_000)));
    assert!(sent.json()["waiting"].as_u64().unwrap() > 0);
    let path = sent.header("location").to_owned();
    // It is delivered in the background; the receipts say how far. The client's patience is the
    // limit: a minute.
    let began = std::time::Instant::now();
    while admin.get(&path).json()["delivered"] != 100_000 {
        assert!(began.elapsed().as_secs() < 60, "{}", admin.get(&path).json());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(admin.user("user-000000").unread(), 1);
    assert_eq!(admin.user("user-099999").unread(), 1);
    let again = admin.post_chunked("/v1/messages", body.as_bytes());
    assert_eq!((again.status, &again.json()["repeated"]), (201, &json!(true)), "all delivered");
    assert_eq!(admin.user("user-050000").unread(), 1);
}

#[test]
fn a_key_sends_once_and_only_the_same() {
    let (sandbox, server, admin) = set_up();
    let alice = admin.user("alice");
    let body = json!({ "to": ["alice"], "message": "once", "expires": "7d" });
    let with_header = |caller: &Caller, key: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        caller.call("POST", "/v1/messages", &headers, Some(body.to_string().as_bytes()))
    };
    let first = with_header(&admin, "order-7", &body);
    assert_eq!((first.status, &first.json()["repeated"]), (201, &json!(false)));
    let again = with_header(&admin, "order-7", &body);
    assert_eq!((again.status, &again.json()["repeated"]), (201, &json!(true)));
    assert_eq!(again.json()["id"], first.json()["id"]);
    assert_eq!(again.header("location"), first.header("location"));
    let mut in_body = body.clone();
    in_body["key"] = json!("order-7");
    assert_eq!(admin.post("/v1/messages", &in_body).json()["repeated"], true);
    assert_eq!(with_header(&admin, "order-7", &in_body).json()["repeated"], true);
    assert_eq!(alice.unread(), 1);

    let other = json!({ "to": ["alice"], "message": "twice", "expires": "7d" });
    with_header(&admin, "order-7", &other).is_problem(409, "conflict", Some("key"));
    with_header(&admin, "order-8", &in_body).is_problem(422, "invalid", Some("key"));
    let shop = Caller::nobody(&server).with(&sandbox.key(&["send"]));
    let theirs = with_header(&shop, "order-7", &other);
    assert_eq!((theirs.status, &theirs.json()["repeated"]), (201, &json!(false)), "a key's own");
    assert_eq!(alice.unread(), 2);
}
